/**
 * Compiles what the first argument's file has, into that of the second: each with a process of its own where the system can fork. What a
 * process has compiled or imported before decides on flags in the next one's code, and a crash of the compiler is that of one file.
 * Both files are numbers of four bytes and what they are the lengths of: name and source; the version, and what was compiled.
 * It imports nothing that the interpreter has not loaded already.
 *
 * @see https://github.com/python/cpython/issues/129724
 */
export const COMPILER = `
import sys
import _frozen_importlib_external as external
from _imp import source_hash
try:
    from posix import fork, waitpid, _exit
except ImportError:
    fork = None

KEY = int.from_bytes(external.MAGIC_NUMBER, "little")
sources = open(sys.argv[1], "rb")
made = open(sys.argv[2], "wb", 0)

def read():
    size = sources.read(4)
    return sources.read(int.from_bytes(size, "little")) if size else None

def write(data):
    data = memoryview(len(data).to_bytes(4, "little") + data)
    while data:
        data = data[made.write(data):]

def compiled(name, source):
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        return bytes(external._code_to_hash_pyc(code, source_hash(KEY, source), False))
    except Exception:
        return b""

write(sys.version.encode())
while True:
    name = read()
    if name is None:
        break
    source = read()
    if fork is None:
        write(compiled(name.decode(), source))
        continue
    end = made.tell()
    child = fork()
    if child == 0:
        write(compiled(name.decode(), source))
        _exit(0)
    if waitpid(child, 0)[1] != 0:
        made.seek(end)
        made.truncate()
        write(b"")
`;
