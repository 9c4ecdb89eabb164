/** A backend in the project that puts the names of its variables that have SEEN in them into the wheel. */
export const seeingBackend = (name: string) => `
import json, os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    wheel = "${name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as z:
        z.writestr("${name}/__init__.py", "")
        z.writestr("${name}/seen.json", json.dumps(sorted(name for name in os.environ if "SEEN" in name)))
        z.writestr("${name}-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: ${name}\\nVersion: 1.0\\n")
        z.writestr("${name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: toy 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("${name}-1.0.dist-info/RECORD", "")
    return wheel
`;

/** The files of a project with that backend. */
export const seeingProject = (name: string, requires = '[]', more = '') => ({
  'pyproject.toml': `[build-system]\nrequires = ${requires}\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "1.0"\n${more}`,
  'backend.py': seeingBackend(name),
});
