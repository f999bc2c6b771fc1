"""A client as one wrote it for 0.1.0, with nothing but PROTOCOL.md. It is not to be changed with the broker."""
import json
import os
import socket
import sys

s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["KEYBEARER_HOME"] + "/run/broker.sock")
lines = s.makefile()


def call(number, method, **params):
    s.sendall(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n")
    while (answer := json.loads(lines.readline())).get("id") != number:
        pass
    if "error" in answer:
        raise SystemExit(answer["error"]["data"]["kind"])
    return answer["result"]


assert call(1, "system.hello", client="frozen/0.1.0")["protocol"] == 1
assert call(2, "system.status")["accounts"][0]["status"] == "signed_in"
offered = call(3, "provider.describe", provider="openai")
assert {"provider", "fields"} <= set(offered)
key = call(4, "credential.resolve", provider="openai", environment=[])["fields"][0]
assert (key["field"], key["source"]) == ("api_key", "store")
print(key["value"])
print(call(5, "token.get", account=sys.argv[1], min_valid=60)["access_token"])
