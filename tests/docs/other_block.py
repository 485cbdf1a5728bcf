"""Runs one block of a document that is not shell. run_blocks.py puts these between the shell blocks.

    other_block.py KIND FILE        in the folder of the run, which remembers the last reply

    go run          a whole program, with the module of this checkout
    json request    a line that the daemon answers
    json reply      what it answered the request before, exactly but for white space
    json mcp        a host's configuration: each server it names starts or is there, and lists tools
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import urllib.request

LAST_REPLY = pathlib.Path(".last_reply.json")


def go_run(file: pathlib.Path) -> None:
    script = 'eval "$(clients/go/prepare.sh out/go)" && exec go run "$0"'
    subprocess.run(["bash", "-c", script, file], check=True)


def json_request(file: pathlib.Path) -> None:
    request = json.loads(file.read_text())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ["XDG_RUNTIME_DIR"] + "/voxeld/voxeld.sock")
        connection.sendall(json.dumps(request).encode() + b"\n")
        reply = connection.makefile().readline()
    print(reply, end="")
    LAST_REPLY.write_text(reply)


def json_reply(file: pathlib.Path) -> None:
    expected, got = json.loads(file.read_text()), json.loads(LAST_REPLY.read_text())
    if expected != got:
        raise SystemExit(f"the document says {json.dumps(expected)}, the daemon {json.dumps(got)}")


def mcp_over_http(url: str, messages: list[dict]) -> list[str]:
    """The answers to the messages, each a POST of one session."""
    headers = {"Content-Type": "application/json"}
    answers = []
    for message in messages:
        request = urllib.request.Request(url, json.dumps(message).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            if session := reply.headers.get("Mcp-Session-Id"):
                headers["Mcp-Session-Id"] = session
            if body := reply.read().decode():
                answers.append(body)
    return answers


def json_mcp(file: pathlib.Path) -> None:
    servers = json.loads(file.read_text())["mcpServers"]
    client = {"name": "docs", "version": "1"}
    start = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": start},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    for name, server in servers.items():
        if "url" in server:
            lines = mcp_over_http(server["url"], messages)
        else:
            done = subprocess.run(
                [server["command"], *server["args"]],
                input="".join(json.dumps(message) + "\n" for message in messages),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            lines = done.stdout.splitlines()
        started, listed = (json.loads(line) for line in lines)
        tools = [tool["name"] for tool in listed["result"]["tools"]]
        print(f"{name}: {started['result']['serverInfo']['name']} with {', '.join(tools)}")


KINDS = {
    "go run": go_run,
    "json request": json_request,
    "json reply": json_reply,
    "json mcp": json_mcp,
}

if __name__ == "__main__":
    KINDS[sys.argv[1]](pathlib.Path(sys.argv[2]))
