"""The files of the project, for the tools beside this file."""
import os
import subprocess

LEFT_OUT = {".git", "build", ".cache", "node_modules", "__pycache__"}


def project_root():
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def project_files(root):
    """Sorted relative paths: what git knows or would add; every file where there is no git."""
    if os.path.exists(os.path.join(root, ".git")):
        answer = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if answer.returncode == 0:
            names = set(answer.stdout.decode().split("\0")) - {""}
            return sorted(n for n in names if os.path.isfile(os.path.join(root, n)))
    found = []
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if name not in LEFT_OUT]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def read_text(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()
