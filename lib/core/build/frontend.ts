// The frontend's half of PEP 517, in one process: pip would start one for each hook. The answer is a file, because the backend may
// print anything. setuptools gets special treatment: it is not asked for more requirements where it has none, and does not compress.
// Of a project in a repository, what is asked git is written down: by its program's name, wherever that is, or by its files.
export const FRONTEND = `
import importlib, importlib.util, json, os, sys

def has(module):
    return importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module)

def mentions(file, word):
    return os.path.exists(file) and word in open(file, encoding="utf-8", errors="replace").read()

request = json.loads(sys.argv[1])

def watch(event, args):
    asked = ""
    try:
        if event == "subprocess.Popen" and os.path.basename(os.fsdecode(args[0])) in ("git", "git.exe"):
            asked = " ".join(map(os.fsdecode, args[1][1:]))
        elif event == "open" and git.search(os.fsdecode(args[0])):
            asked = os.fsdecode(args[0])
    except Exception:
        return
    if asked:
        with open(request["gitLog"], "a", errors="surrogateescape") as file:
            file.write(asked.replace("\\n", " ") + "\\n")

if "gitLog" in request:
    import re
    git = re.compile(r"(^|[\\\\/])\\.git[\\\\/](?!info[\\\\/]exclude)")
    sys.addaudithook(watch)
sys.path[:1] = [os.path.abspath(folder) for folder in request["backendPath"]]
module, _, attributes = request["backend"].partition(":")
backend = importlib.import_module(module)
for name in filter(None, attributes.split(".")):
    backend = getattr(backend, name)

wheel_commands = ["setuptools.command.bdist_wheel", "wheel._bdist_wheel", "wheel.bdist_wheel"]
bdist_wheel = module == "setuptools.build_meta" and any(map(has, wheel_commands))
settings = {"--build-option": ["--compression=stored"]} if bdist_wheel else None
if bdist_wheel and not os.path.exists("setup.py") and not mentions("setup.cfg", "setup_requires"):
    needed = request["more"]
else:
    needed = getattr(backend, "get_requires_for_build_wheel", lambda settings: [])(None)
more = sorted(requirement for requirement in set(needed) if requirement not in request["requires"])
answer = {"more": more, "python": "%d.%d.%d" % sys.version_info[:3]}
if more == request["more"]:
    answer["wheel"] = backend.build_wheel(request["target"], settings)
with open(os.path.join(request["target"], "answer.json"), "w") as file:
    json.dump(answer, file)
`;
