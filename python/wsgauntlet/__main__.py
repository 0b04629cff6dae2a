"""`python -m wsgauntlet`: the command."""

import subprocess
import sys

from . import program

sys.exit(subprocess.run([program(), *sys.argv[1:]], check=False).returncode)
