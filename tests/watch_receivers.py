"""Whoever is told: a web server and a mail server on loopback that keep what they get."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def a_web_server():
    """Answers POSTs with `server.status`; `server.posts` holds (headers, body)."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.posts.append((dict(self.headers), body))
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as server:
        server.posts, server.statuses = [], []
        server.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        yield server


@contextmanager
def a_mail_server():
    """Speaks enough SMTP; `server.mails` holds (sender, recipients, text); `server.refuse` is an answer to MAIL FROM."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            sender, recipients = "", []
            self.say("220 paper")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                word = line.split(":")[0].split(" ")[0].upper()
                if word in {"EHLO", "HELO"}:
                    self.say("250-paper\r\n250-AUTH PLAIN\r\n250 8BITMIME")
                elif word == "AUTH":
                    self.server.logins.append(line.split(" ")[2])
                    self.say("235 ok")
                elif word == "MAIL" and self.server.refuse:
                    self.say(self.server.refuse)
                elif word == "MAIL":
                    sender = line
                    self.say("250 ok")
                elif word == "RCPT":
                    recipients.append(line)
                    self.say("250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    self.server.mails.append((sender, recipients, self.text()))
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, text):
            self.wfile.write(f"{text}\r\n".encode())

        def text(self):
            lines = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            return "\n".join(lines)

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)) as server:
        server.mails, server.logins, server.refuse = [], [], None
        server.port = server.server_address[1]
        yield server


@contextmanager
def serving(server):
    """Run a server in a thread."""
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
