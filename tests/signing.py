"""Keys like those of the National Certification Authority, signatures with them, and a sidecar that speaks like NCANode."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import cms as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID, ObjectIdentifier

from webapp.verification.rules import SignedBy

PERSON, EMPLOYEE = "1.2.398.3.3.4.1.1", "1.2.398.3.3.4.1.2.5"
KINDS = {PERSON: "INDIVIDUAL", "1.2.398.3.3.4.1.2": "ORGANIZATION", EMPLOYEE: "EMPLOYEE"}
_private = rsa.generate_private_key(65537, 2048)
_authority = rsa.generate_private_key(65537, 2048)


@dataclass
class Key:
    """A key with its certificate."""

    iin: str
    since: datetime
    until: datetime
    kinds: tuple[str, ...] = (PERSON,)
    bin: str = ""
    usage: str = "SIGN"
    authority: Any = _authority

    def certificate(self) -> x509.Certificate:
        """As the authority writes it: the IIN in the serial number of the subject, a BIN in its unit."""
        names = [
            x509.NameAttribute(NameOID.COMMON_NAME, "КИМ ТИМУР"),
            x509.NameAttribute(NameOID.SURNAME, "КИМ"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"IIN{self.iin}"),
        ]
        if self.bin:
            names.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{self.bin}"))
        flags = dict.fromkeys(
            ("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
        )
        signs = self.usage == "SIGN"
        usage = x509.KeyUsage(digital_signature=True, content_commitment=signs, key_encipherment=not signs, **flags)
        builder = x509.CertificateBuilder().subject_name(x509.Name(names)).public_key(_private.public_key())
        builder = builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "НУЦ РК")]))
        builder = builder.serial_number(7).not_valid_before(self.since).not_valid_after(self.until)
        builder = builder.add_extension(usage, critical=True)
        kinds = [ObjectIdentifier(kind) for kind in self.kinds]
        builder = builder.add_extension(x509.ExtendedKeyUsage(kinds), critical=False)
        return builder.sign(self.authority, hashes.SHA256())

    def sign(self, content: bytes, detached: bool = True) -> bytes:
        """A CMS signature of `content`; the content stands in it unless `detached`."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(self.certificate(), _private, hashes.SHA256())
        options = [pkcs7.PKCS7Options.Binary]
        if detached:
            options.append(pkcs7.PKCS7Options.DetachedSignature)
        return builder.sign(serialization.Encoding.DER, options)


def pasted(signature: bytes) -> str:
    """A signature as a program shows it."""
    return base64.encodebytes(signature).decode()


def _look(cms: bytes, data: bytes, at: datetime) -> dict[str, Any]:
    """What NCANode would answer about a signature."""
    envelope = asn1.ContentInfo.load(cms)["content"]
    inside = envelope["encap_content_info"]["content"]
    content = bytes(inside) if inside.native is not None else data  # it overlooks `data` where it finds a content
    signers, is_good = [], True
    for signer in envelope["signer_infos"]:
        certificate = x509.load_der_x509_certificate(envelope["certificates"][0].chosen.dump())
        attributes = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
        try:
            public = certificate.public_key()
            text = signer["signed_attrs"].untag().dump()
            public.verify(signer["signature"].native, text, padding.PKCS1v15(), hashes.SHA256())
            _authority.public_key().verify(
                certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256()
            )
            known = attributes["message_digest"] == hashlib.sha256(content).digest()
        except InvalidSignature:
            known = False
        good = known and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
        is_good = is_good and good
        signers.append({"certificates": [_about(certificate, good)], "tsp": None})
    return {"status": 200, "message": "OK", "valid": is_good, "signers": signers}


def _about(certificate: x509.Certificate, good: bool) -> dict[str, Any]:
    names = {one.oid: one.value for one in certificate.subject}
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    kinds = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    subject = {"commonName": names[NameOID.COMMON_NAME], "surName": names[NameOID.SURNAME], "country": "KZ"}
    subject["iin"] = names[NameOID.SERIAL_NUMBER].removeprefix("IIN")
    if NameOID.ORGANIZATIONAL_UNIT_NAME in names:
        subject["bin"] = names[NameOID.ORGANIZATIONAL_UNIT_NAME].removeprefix("BIN")
    return {
        "valid": good,
        "revocations": [{"revoked": False, "by": "OCSP"}],
        "notBefore": certificate.not_valid_before_utc.isoformat(timespec="milliseconds"),
        "notAfter": int(certificate.not_valid_after_utc.timestamp() * 1000),
        "keyUsage": "SIGN" if usage.content_commitment else "AUTH",
        "keyUser": [KINDS[kind.dotted_string] for kind in kinds],
        "subject": subject,
    }


class Sidecar:
    """Listens on loopback. `mood` is what it does instead of answering well."""

    def __init__(self, at: datetime) -> None:
        self.at, self.mood, self.asked = at, "", []
        sidecar = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_words: Any) -> None:
                pass

            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                sidecar.asked.append((self.path, question))
                status, body, headers = sidecar.answer(question)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in body:
                        self.wfile.write(piece)
                        self.wfile.flush()
                except OSError:
                    pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, question: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        """Status, pieces of the body, headers."""
        kind = {"Content-Type": "application/json"}
        if self.mood == "hang":
            time.sleep(2.5)
        if self.mood == "drip":
            return 200, (time.sleep(0.4) or b" " for _turn in range(8)), kind
        if self.mood == "redirect":
            return 307, [b""], {"Location": self.url + "/elsewhere"}
        if self.mood == "huge":
            return 200, [b" " * 700_000], kind
        if self.mood.isdigit():
            return int(self.mood), [b'{"status": 500, "message": "x"}'], kind
        if self.mood:
            return 200, [self.mood.encode()], kind
        cms, data = base64.b64decode(question["cms"]), base64.b64decode(question["data"])
        return 200, [json.dumps(_look(cms, data, self.at)).encode()], kind

    def stop(self) -> None:
        """Shut the door."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class FakeVerifier:
    """Takes `signed by IIN: text` for a signature of the text; says what it is told to say about the key."""

    def __init__(self, signed_by: SignedBy) -> None:
        self.signed_by = signed_by
        self.seen: list[bytes] = []

    def verify(self, cms: bytes, content: bytes) -> SignedBy | None:
        """Whoever the test says."""
        self.seen.append(content)
        return self.signed_by


def key_of(iin: str, at: datetime, **more: Any) -> Key:
    """A key that is good at a moment."""
    return Key(iin, at - timedelta(days=30), at + timedelta(days=300), **more)


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
