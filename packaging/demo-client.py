import json, os, socket, sys

path = os.environ.get("KEYBEARER_SOCKET") or os.environ["XDG_RUNTIME_DIR"] + "/keybearer/broker.sock"
broker = socket.socket(socket.AF_UNIX)
broker.connect(path)
request = {"jsonrpc": "2.0", "id": 1, "method": "token.get", "params": {"account": sys.argv[1]}}
broker.sendall(json.dumps(request).encode() + b"\n")
answer = json.loads(broker.makefile().readline())
print(answer["result"]["access_token"] if "result" in answer else sys.exit(answer["error"]["message"]))
