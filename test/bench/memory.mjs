// How much memory a layer of a gigabyte of wheels takes: at its peak, of the process that makes it.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { PYTHON, run } from './machine.mjs';

const [COUNT, MIB] = [8, 128];

// wheels of random bytes, which no zip makes smaller
const WRITE = `
import os, sys, zipfile
folder, count, mib = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for i in range(count):
    name = f"big{i}"
    with zipfile.ZipFile(f"{folder}/{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "")
        for part in range(mib // 32):
            wheel.writestr(f"{name}/data/{part}.bin", os.urandom(32 * 1024 * 1024))
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", f"{name}/__init__.py,,\\n" + "".join(f"{name}/data/{p}.bin,,\\n" for p in range(mib // 32)) + f"{name}-1.0.dist-info/METADATA,,\\n{name}-1.0.dist-info/WHEEL,,\\n{name}-1.0.dist-info/RECORD,,\\n")
`;

const MAKE = `
const { createLayerZip } = require(process.argv[1]);
createLayerZip(JSON.parse(process.argv[2])).then(() => 'made', (error) => error.trouble?.reference ?? error.stack)
  .then((outcome) => console.log(JSON.stringify({ outcome, peak: process.resourceUsage().maxRSS / 1024 })));
`;

/** What is made, the outcome, and the peak in MiB. */
export async function measureMemory(work, lib, env) {
  const folder = path.join(work, 'wheels');
  fs.mkdirSync(folder, { recursive: true });
  run(PYTHON, ['-c', WRITE, folder, String(COUNT), String(MIB)]);
  const requirements = path.join(work, 'big.txt');
  fs.writeFileSync(requirements, Array.from({ length: COUNT }, (_, i) => `big${i}==1.0\n`).join(''));
  const wanted = { pathRequirements: requirements, runtime: 'python3.13', pathBinPip: PYTHON, pipArgs: ['--no-index', '--find-links', folder], pathLayerZip: path.join(work, 'big.zip'), cache: false, verbose: false };
  const CASES = {
    'refused: larger than Lambda takes': {},
    'without their largest files': { exclude: ['big*/data/**'] },
    'one of them, 128 MiB': { packages: ['big0'] },
  };
  const rows = [];
  for (const [name, more] of Object.entries(CASES)) {
    const output = await new Promise((resolve, reject) => {
      execFile(process.execPath, ['-e', MAKE, path.join(lib, 'bundled', 'pipeline', 'index.js'), JSON.stringify({ ...wanted, ...more })], { env }, (error, stdout) => error ? reject(error) : resolve(stdout));
    });
    rows.push({ name, ...JSON.parse(output) });
  }
  fs.rmSync(folder, { recursive: true, force: true });
  return rows;
}
