"""A loopback stand-in for https://huggingface.co: what a client really puts on the wire.

The client keeps its own idea of the host (`https://huggingface.co/...`), since credentials, netrc entries and git
sections are matched against that very name; only the way there is bent, by a proxy on 127.0.0.1 that answers CONNECT
itself and speaks TLS with a certificate made for the occasion. A server on another port or name would test other
matching rules than the ones that people meet.

Standard library and the `openssl` program only.
"""
import base64
import os
import socket
import ssl
import subprocess
import tempfile
import threading

HOSTS = ["huggingface.co", "*.huggingface.co", "hf.co", "hub.test", "*.test", "localhost"]


def make_certificate(folder):
    """An authority and a certificate for HOSTS signed by it; returns (authority, certificate, key).

    Two of them and not one self-signed: rustls refuses an authority that is used as a server's own certificate.
    """
    def path(name):
        return os.path.join(folder, name)

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "2", "-subj", "/CN=loopback authority",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", path("ca.key"), "-out", path("ca.pem"))
    openssl("req", *curve, "-subj", "/CN=huggingface.co", "-keyout", path("key.pem"), "-out", path("cert.csr"))
    with open(path("ext"), "w") as ext:
        ext.write("basicConstraints=CA:FALSE\nsubjectAltName=%s,IP:127.0.0.1\n" % ",".join("DNS:" + h for h in HOSTS))
    openssl("x509", "-req", "-in", path("cert.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
            "-days", "2", "-extfile", path("ext"), "-out", path("cert.pem"))
    return path("ca.pem"), path("cert.pem"), path("key.pem")


class Request:
    """One request as it arrived: where it was sent, and every Authorization header of it, as bytes."""

    def __init__(self, origin, method, path, authorization):
        self.origin, self.method, self.path, self.authorization = origin, method, path, authorization

    def __repr__(self):
        return "%s %s%s %r" % (self.method, self.origin, self.path, self.authorization)


def decode(header):
    """(scheme in lower case, credential, user or None) of an Authorization value; Basic is taken apart."""
    scheme, _, rest = header.partition(b" ")
    if scheme.lower() == b"basic":
        try:
            user, _, password = base64.b64decode(rest.strip(), validate=True).partition(b":")
            return "basic", password, user
        except ValueError:
            return "basic", rest, None
    return scheme.decode("latin-1").lower(), rest, None


def always_401(path, authorization):
    """Refuse whatever comes, so that a client shows every credential that it has."""
    return 401, [("WWW-Authenticate", 'Basic realm="Authentication required"')], b"Unauthorized"


# A client that has not given up by then never will: aria2 comes back for ever where it holds two credentials.
ENOUGH = 20


class Wire:
    """with Wire() as wire: run a client with wire.env(TAG); wire.take(TAG) are the requests that it made.

    A tag keeps clients that run at the same time apart: it travels as the user name of the proxy's URL, which every
    client here sends as Proxy-Authorization and none confuses with the credentials for the host behind it.
    `policy(path, [authorization]) -> (status, headers, body)`.
    """

    def __init__(self, policy=always_401):
        self.policy, self.requests, self.lock = policy, {}, threading.Lock()

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="wire-")
        self.ca, cert, key = make_certificate(self.folder.name)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(cert, key)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.folder.cleanup()

    def proxy(self, tag):
        return "http://%s:x@127.0.0.1:%d" % (tag, self.port)

    def env(self, tag):
        """The variables that lead a client here; no client and no rule looks for a token in any of them."""
        proxy = self.proxy(tag)
        # Debian's git reads all of /etc/ssl/certs besides the one file unless it is told another directory: 0.1 s a run.
        return {"https_proxy": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy,
                "SSL_CERT_FILE": self.ca, "REQUESTS_CA_BUNDLE": self.ca, "CURL_CA_BUNDLE": self.ca,
                "GIT_SSL_CAINFO": self.ca, "GIT_SSL_CAPATH": self.folder.name, "PIP_CERT": self.ca}

    def take(self, tag):
        """The requests of a tag so far, and forget them."""
        with self.lock:
            return self.requests.pop(tag, [])

    def _accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
                # Else an answer that follows another waits for its acknowledgement, which takes up to 40 ms.
                conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            threading.Thread(target=self._talk, args=(conn,), daemon=True).start()

    def _talk(self, conn):
        # Parsed by hand: http.server strips and decodes, and the bytes are what is measured.
        conn.settimeout(20)
        origin, tag, data = None, "", b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = conn.recv(65536)
                    if not more:
                        return
                    data += more
                head, _, data = data.partition(b"\r\n\r\n")
                first, *lines = head.split(b"\r\n")
                method, target, _ = (first.decode("latin-1").split(" ") + ["", ""])[:3]
                headers = [(k.lower(), v[1:] if v.startswith(b" ") else v) for k, _, v in (line.partition(b":") for line in lines)]
                for value in (v for k, v in headers if k == b"proxy-authorization"):
                    tag = (decode(value)[2] or b"").decode("latin-1")
                if method == "CONNECT":
                    if not tag:
                        conn.sendall(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=tag\r\nContent-Length: 0\r\n\r\n")
                        continue
                    conn.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    conn = self.tls.wrap_socket(conn, server_side=True)
                    origin = "https://" + target
                    continue
                length = next((int(v) for k, v in headers if k == b"content-length"), 0)
                while len(data) < length:
                    data += conn.recv(65536)
                data = data[length:]
                where, path = origin, target
                if where is None:
                    host, _, rest = target.partition("://")[2].partition("/")
                    where, path = "http://" + host, "/" + rest
                auth = [v for k, v in headers if k == b"authorization"]
                with self.lock:
                    seen = self.requests.setdefault(tag, [])
                    seen.append(Request(where, method, path, auth))
                status, extra, body = self.policy(path, auth) if len(seen) < ENOUGH else (404, [], b"Not found")
                out = ["HTTP/1.1 %d X" % status] + ["%s: %s" % h for h in extra] + ["Content-Length: %d" % len(body), "", ""]
                conn.sendall("\r\n".join(out).encode() + (b"" if method == "HEAD" else body))
        except (OSError, ValueError):
            pass  # the client went away, or would not speak with us: what it sent before is recorded
        finally:
            conn.close()
