"""The AWS SDK for JavaScript, which the Node.js runtimes of Lambda contain, for functions on the local cloud.

The packages @aws-sdk/* and @smithy/* of this project are linked into the folder above the code of all functions, where require() and import
find them. A client that the project doesn't have is installed with npm, once per computer, when a function that requires it starts.
(boto3, which the Python runtimes contain, is a package of the Python environment.)
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
from io import BytesIO

from ministack.core import lambda_runtime

PACKAGES_OF_PROJECT = os.environ.get("LAUNCHER_NODE_MODULES", "")
CACHE = os.environ.get("LAUNCHER_CACHE", "")
# Of the user: a proxy, a registry. ministack itself and the functions have none.
NPM_ENVIRONMENT = json.loads(os.environ.get("LAUNCHER_NPM_ENVIRONMENT", "{}"))
SCOPES = ("@aws-sdk", "@smithy")

# For these ministack has a stand-in, if a function requires them and they aren't installed.
STAND_INS = set(re.findall(r'"(@aws-sdk/client-[a-z0-9-]+)"\s*:', lambda_runtime._NODEJS_WORKER_SCRIPT))
REQUIRED = re.compile(rb'(require\(|from|import\(?)\s*["\'](@aws-sdk/client-[a-z0-9-]+)["\']')
INSTALLING = threading.Lock()


def folder_of_functions():
    return os.path.join(tempfile.gettempdir(), "node_modules")


def link_packages_of_project():
    for scope in SCOPES:
        source = os.path.join(PACKAGES_OF_PROJECT, scope)
        if PACKAGES_OF_PROJECT and os.path.isdir(source):
            for package in os.listdir(source):
                link(os.path.join(source, package), f"{scope}/{package}")


def link(source, package):
    target = os.path.join(folder_of_functions(), package)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.lexists(target):
        os.symlink(source, target)


def missing_clients(code_zip):
    """The clients that the code requires, and that neither the code nor the folder of the functions contains."""
    with zipfile.ZipFile(BytesIO(code_zip)) as code:
        names = code.namelist()
        required = set()
        for name in names:
            if name.endswith((".js", ".cjs", ".mjs")) and "node_modules/" not in name:
                for form, package in REQUIRED.findall(code.read(name)):
                    if form != b"require(" or package.decode() not in STAND_INS:
                        required.add(package.decode())
    return sorted(package for package in required
                  if not any(f"node_modules/{package}/" in name for name in names)
                  and not os.path.exists(os.path.join(folder_of_functions(), package)))


def install(package):
    """The folder of the package. It is renamed into its place when it is complete: several clouds share the cache."""
    home = os.path.join(CACHE, "node-packages", package.replace("/", "-"))
    if not os.path.isdir(home):
        os.makedirs(os.path.dirname(home), exist_ok=True)
        unfinished = tempfile.mkdtemp()
        try:
            npm = subprocess.run(
                ["npm", "install", "--prefix", unfinished, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", f"{package}@^3"],
                env={**os.environ, **NPM_ENVIRONMENT}, capture_output=True, text=True)
            if npm.returncode != 0:
                said = next((line for line in npm.stderr.splitlines() if line.startswith("npm error") and " " in line[10:]), "npm error")
                raise RuntimeError(f"{package} is part of the Node.js runtimes of Lambda, but couldn't be installed for the local cloud: {said}")
            moved = shutil.move(unfinished, f"{home}.{os.getpid()}")
            try:
                os.rename(moved, home)
            except OSError:
                shutil.rmtree(moved, ignore_errors=True)   # another cloud was first
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return os.path.join(home, "node_modules", package)


def provide(config, code_zip):
    if not PACKAGES_OF_PROJECT or not str(config.get("Runtime", "")).startswith("nodejs"):
        return
    with INSTALLING:
        for package in missing_clients(code_zip):
            link(install(package), package)


def with_runtime_packages(spawn):
    """Lambda's worker, whose process finds the packages."""
    def spawned(worker, *args, **kwargs):
        provide(worker.config, worker.code_zip)
        return spawn(worker, *args, **kwargs)
    return spawned
