"""A server of OAuth 1.0a: the PyPI package Authlib, with Flask.

Usage: python authlib_oauth1.py DIRECTORY

DIRECTORY holds `server.json`, and in `RS256.pub` the key of clients that sign with RSA. Authlib
verifies the signature, the timestamp and the nonce of each request of the legs and of the protected
resource. Of a parameter that comes twice in a form it sees one only. Whoever opens the authorization page has agreed. `POST /revoke` with `token=TOKEN` ends
a token. Flask's development server logs one line for each request, such as
`"POST /token HTTP/1.1" 200 -`.
"""

import json
import os
import pathlib
import sys
import threading

# Authlib asks for https unless it is told that this is a test.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth1 import (
    AuthorizationServer,
    ResourceProtector,
    current_credential,
)
from authlib.oauth1 import ClientMixin, TemporaryCredential, TokenCredentialMixin
from authlib.oauth1.errors import OAuth1Error
from flask import Flask, Request, jsonify, request

DIRECTORY = pathlib.Path(sys.argv[1])
SERVER = json.loads((DIRECTORY / "server.json").read_text())
RSA_PUBLIC_KEY = (DIRECTORY / "RS256.pub").read_text()


class RequestAsSent(Request):
    """Flask decodes what is not ASCII in a URL, and Authlib cannot sign that."""

    @property
    def url(self):
        return f"{self.host_url.rstrip('/')}{self.path}?{self.query_string.decode()}"


class Client(ClientMixin):
    def __init__(self, client):
        self.secret = client["client_secret"] or ""

    def get_default_redirect_uri(self):
        return f"http://127.0.0.1:{SERVER['port']}/verifier"

    def get_client_secret(self):
        return self.secret

    def get_rsa_public_key(self):
        return RSA_PUBLIC_KEY


class Token(dict, TokenCredentialMixin):
    def get_oauth_token(self):
        return self["oauth_token"]

    def get_oauth_token_secret(self):
        return self["oauth_token_secret"]


class Nonces:
    """Which nonces have come, with what."""

    def __init__(self):
        self.seen = set()
        self.lock = threading.Lock()

    def exists(self, *nonce_timestamp_client_token):
        with self.lock:
            is_known = nonce_timestamp_client_token in self.seen
            self.seen.add(nonce_timestamp_client_token)
            return is_known


clients = {client["client_id"]: Client(client) for client in SERVER["clients"]}
nonces, temporary, tokens = Nonces(), {}, {}


def create_temporary_credential(token, client_id, redirect_uri):
    credential = TemporaryCredential(
        token, client_id=client_id, oauth_callback=redirect_uri
    )
    temporary[credential["oauth_token"]] = credential
    return credential


def create_authorization_verifier(credential, user, verifier):
    credential["oauth_verifier"] = verifier


def create_token_credential(token, credential):
    token = Token(token, client_id=credential.get_client_id())
    tokens[token["oauth_token"]] = token
    return token


def query_token(client_id, token):
    found = tokens.get(token)
    return found if found and found["client_id"] == client_id else None


app = Flask(__name__)
app.request_class = RequestAsSent
app.config["OAUTH1_SUPPORTED_SIGNATURE_METHODS"] = ["HMAC-SHA1", "PLAINTEXT", "RSA-SHA1"]
server = AuthorizationServer(app, query_client=clients.get)
server.register_hook("exists_nonce", nonces.exists)
server.register_hook("create_temporary_credential", create_temporary_credential)
server.register_hook("get_temporary_credential", temporary.get)
server.register_hook("delete_temporary_credential", lambda token: temporary.pop(token, None))
server.register_hook("create_authorization_verifier", create_authorization_verifier)
server.register_hook("create_token_credential", create_token_credential)
protected = ResourceProtector(
    app, query_client=clients.get, query_token=query_token, exists_nonce=nonces.exists
)


@app.post("/initiate")
def initiate():
    return server.create_temporary_credentials_response()


@app.get("/authorize")
def authorize():
    try:
        return server.create_authorization_response(grant_user="ann")
    except OAuth1Error as error:
        return error.error, 400


@app.get("/verifier")
def verifier():
    return request.args["oauth_verifier"]


@app.post("/token")
def token():
    return server.create_token_response()


@app.route("/resource", methods=["GET", "POST", "PUT", "DELETE"])
@protected()
def resource():
    return jsonify(client_id=current_credential["client_id"])


@app.post("/revoke")
def revoke():
    tokens.pop(request.form["token"], None)
    return "", 204


print("clients registered", flush=True)
app.run("127.0.0.1", SERVER["port"])
