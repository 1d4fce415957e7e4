"""An authorization server: glewlwyd, from Debian.

Usage: python glewlwyd.py PORT LIFETIME_IN_SECONDS DIRECTORY

Registers the clients of clients.json through glewlwyd's own API if DIRECTORY has no database yet,
then becomes glewlwyd. Its log has one line for each token it issues.
"""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

PORT, LIFETIME, DIRECTORY = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
HERE = pathlib.Path(__file__).resolve().parent
USR = HERE.parent / ".servers" / "glewlwyd" / "usr"
ORIGIN = f"http://127.0.0.1:{PORT}"

CONFIGURATION = f"""
port = {PORT}
bind_address = "127.0.0.1"
external_url = "{ORIGIN}/"
api_prefix = "api"
log_mode = "console"
log_level = "INFO"
admin_scope = "g_admin"
profile_scope = "g_profile"
session_key = "session"
hash_algorithm = "SHA512"
user_module_path = "{USR}/lib/glewlwyd/user"
client_module_path = "{USR}/lib/glewlwyd/client"
user_auth_scheme_module_path = "{USR}/lib/glewlwyd/scheme"
plugin_module_path = "{USR}/lib/glewlwyd/plugin"
database = {{ type = "sqlite3" path = "{DIRECTORY}/database" }}
"""

# The plugin whose token endpoint is /api/oidc/token. The shorter `oauth2-glewlwyd` plugin does
# not know client_secret_post.
PLUGIN = {
    "module": "oidc",
    "name": "oidc",
    "display_name": "oidc",
    "enabled": True,
    "parameters": {
        "iss": ORIGIN,
        "jwt-type": "sha",
        "jwt-key-size": "256",
        "key": "not secret: it signs nothing outside a test",
        "access-token-duration": LIFETIME,
        "refresh-token-duration": 3600,
        "code-duration": 600,
        "refresh-token-rolling": True,
        "allow-non-oidc": True,
        "auth-type-client-enabled": True,
    },
}


def scope(name):
    return {"name": name, "display_name": name, "password_required": False, "scheme": {}}


def client(entry):
    return {
        "client_id": entry["client_id"],
        "name": entry["client_id"],
        "password": entry["client_secret"],
        "token_endpoint_auth_method": [entry["authentication"]],
        "confidential": True,
        "enabled": True,
        "scope": ["read", "write"],
        "authorization_type": ["client_credentials"],
        "redirect_uri": [],
    }


def wait_until_it_answers():
    deadline = time.monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(f"{ORIGIN}/config/").close()
        except urllib.error.HTTPError:
            return None
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def register():
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def post(path, body):
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body).encode()
        opener.open(urllib.request.Request(f"{ORIGIN}/api/{path}", data, headers)).close()

    post("auth", {"username": "admin", "password": "password"})
    post("mod/plugin", PLUGIN)
    for name in ["read", "write"]:
        post("scope", scope(name))
    for entry in json.loads((HERE / "clients.json").read_text()):
        post("client?source=database", client(entry))


command = [USR / "bin" / "glewlwyd", f"--config-file={DIRECTORY}/configuration"]
if not (DIRECTORY / "database").exists():
    (DIRECTORY / "configuration").write_text(CONFIGURATION)
    tables = USR / "share/dbconfig-common/data/glewlwyd/install/sqlite3"
    with sqlite3.connect(DIRECTORY / "database") as database:
        database.executescript(tables.read_text())
    server = subprocess.Popen(command)
    try:
        wait_until_it_answers()
        register()
    finally:
        server.terminate()
        server.wait()
print("clients registered", flush=True)
os.execv(command[0], command)
