"""An S3 in memory: as much of it as the store asks for. Who signs wrongly is not told: that is S3's own matter."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

BUCKET = "clinic-files"
CUT = "/_cut"
"""PUT here the place in objects from which on nothing arrives."""
SILENT = uuid.UUID(int=4711)
"""An object that is never answered for: who asks waits until it gives up."""


class Bucket:
    """Objects by path, and parts of uploads that are not finished."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.cut: int | None = None
        """No byte of an object from here on arrives: the connection ends in the middle of the answer."""

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Status, ETag, body."""
        if method == "GET" and "list-type" in query:
            return 200, "", self._listed(query.get("prefix", ""))
        if method == "POST" and "uploads" in query:
            upload = f"upload-{len(self.parts)}"
            self.parts[upload] = {}
            return 200, "", _made("InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>")
        if method == "POST" and "delete" in query:
            gone = re.findall("<Key>([^<]+)</Key>", body.decode())
            for key in gone:
                self.objects.pop(key, None)
            return 200, "", _made("DeleteResult", "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in gone))
        if method == "PUT" and "partNumber" in query:
            self.parts[query["uploadId"]][int(query["partNumber"])] = body
            return 200, _etag(body), b""
        if method == "POST" and "uploadId" in query:
            parts = self.parts.pop(query["uploadId"])
            self.objects[path] = b"".join(parts[number] for number in sorted(parts))
            return 200, "", _made("CompleteMultipartUploadResult", "<ETag>done</ETag>")
        if method == "DELETE" and "uploadId" in query:
            self.parts.pop(query["uploadId"], None)
            return 204, "", b""
        if method == "PUT":
            self.objects[path] = body
            return 200, _etag(body), b""
        if path not in self.objects:
            return 404, "", b"<Error><Code>NoSuchKey</Code></Error>"
        return 200, _etag(self.objects[path]), self.objects[path]

    def _listed(self, prefix: str) -> bytes:
        when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        found = "".join(
            f"<Contents><Key>{escape(path)}</Key><LastModified>{when}</LastModified>"
            f"<ETag>{_etag(data)}</ETag><Size>{len(data)}</Size></Contents>"
            for path, data in sorted(self.objects.items())
            if path.startswith(prefix)
        )
        return _made("ListBucketResult", f"<IsTruncated>false</IsTruncated>{found}")


def _made(name: str, inside: str) -> bytes:
    return f"<{name}>{inside}</{name}>".encode()


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def build() -> Any:
    bucket = Bucket()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = {
            name: values[0] for name, values in parse_qs(scope["query_string"].decode(), keep_blank_values=True).items()
        }
        if scope["path"].endswith(str(SILENT)):
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        if scope["path"] == CUT:
            bucket.cut = int(body)
        path = scope["path"].removeprefix(f"/{BUCKET}").removeprefix("/")
        status, etag, data = bucket.answer(scope["method"], path, query, body)
        headers, start = [(b"content-type", b"application/xml")], 0
        if status == 200 and (asked := re.fullmatch(rb"bytes=(\d+)-(\d+)", dict(scope["headers"]).get(b"range", b""))):
            start, whole = int(asked[1]), len(data)
            status, data = 206, data[start : int(asked[2]) + 1]
            headers.append((b"content-range", f"bytes {start}-{start + len(data) - 1}/{whole}".encode()))
        headers.append((b"content-length", str(len(data)).encode()))
        headers.append((b"last-modified", dt.datetime.now(dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").encode()))
        if etag:
            headers.append((b"etag", etag.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if scope["method"] == "GET" and bucket.cut is not None and bucket.cut < start + len(data):
            await send({"type": "http.response.body", "body": data[: max(0, bucket.cut - start)], "more_body": True})
            raise ConnectionAbortedError
        await send({"type": "http.response.body", "body": data})

    return app
