import * as fs from 'node:fs';
import * as path from 'node:path';
import { isSecret } from '../base/variables';
import type { InstallerKind } from '../plan/source-request';
import type { Command } from '../process/command';

/**
 * The same command of pip or uv, which itself has the whole environment, as a keyring of the index may need it; a build backend that it
 * starts does not have what is secret by its name.
 *
 * @param given names of variables that the user gives to this build
 * @param temporary a folder for files that are removed after the build
 */
export function withholdSecrets(command: Command, kind: InstallerKind, given: readonly string[], temporary: string): Command {
  const env = command.env ?? process.env;
  const secrets = Object.keys(env).filter((name) => isSecret(name) && !given.includes(name));
  if (secrets.length === 0) return command;
  const folder = fs.mkdtempSync(path.join(temporary, 'withheld-'));
  const write = (name: string, code: string) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `secrets = ${JSON.stringify(secrets)}\n${code}`, { mode: 0o600 });
    return file;
  };
  if (kind === 'uv') {
    write('sitecustomize.py', OF_UV);
    return { ...command, env: { ...env, PYTHONPATH: [folder, env.PYTHONPATH].filter(Boolean).join(path.delimiter) } };
  }
  return { ...command, args: [write('run.py', OF_PIP), ...command.args], shown: command.shown ?? command.args };
}

// pip tells each process of a backend which one it is by a variable, and only these
const OF_PIP = `
import os, runpy, subprocess, sys
here = os.path.abspath(__file__)
start = subprocess.Popen.__init__
def start_without(process, *args, env=None, **more):
    source = os.environ if env is None else env
    if any(name.endswith("_BUILD_BACKEND") for name in source):
        env = {name: value for name, value in source.items() if name not in secrets}
    elif args and isinstance(args[0], list):  # the pip that installs what a build requires may have to build that
        args = ([word for part in args[0] for word in ([here, part] if str(part).endswith("__pip-runner__.py") else [part])], *args[1:])
    start(process, *args, env=env, **more)
subprocess.Popen.__init__ = start_without
del sys.argv[0]
if sys.argv[0] == "-m":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
`;

// each Python that uv starts runs this first, and then the user's own. A keyring is one of them
const OF_UV = `
import os, sys
from importlib import machinery, util
try:
    with open("/proc/self/cmdline", encoding="utf-8", errors="replace") as file:
        words = file.read().split("\\0")
except OSError:
    words = getattr(sys, "orig_argv", [])
if not any("keyring" in os.path.basename(word) for word in words[:3]):
    for name in secrets:
        os.environ.pop(name, None)
here = os.path.dirname(os.path.abspath(__file__))
spec = machinery.PathFinder.find_spec("sitecustomize", [folder for folder in sys.path if os.path.abspath(folder) != here])
if spec and spec.loader:
    spec.loader.exec_module(util.module_from_spec(spec))
`;
