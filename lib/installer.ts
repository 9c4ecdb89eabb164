/** The program that installs a Python project. */
export enum Installer {
  /** The Python's own pip. */
  PIP = 'pip',
  /** `uv pip`, of the uv on the PATH or beside the Python. */
  UV = 'uv',
}
