"""KMS against python3-cryptography and OpenSSL, in both directions: what KMS signs,
encrypts and agrees on they verify, decrypt and derive, and what they make KMS takes. The
script of the same name below testdata/script runs it."""
import os, subprocess
import boto3
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

kms = boto3.client("kms", aws_access_key_id="111122223333", aws_secret_access_key="test")
MESSAGE = b"test message !%$@ 1234567890"
HASH = {"224": hashes.SHA224(), "256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVE = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1(), "ECC_NIST_P521": ec.SECP521R1(), "ECC_SECG_P256K1": ec.SECP256K1()}


def made(spec, usage, **params):
    return kms.create_key(KeySpec=spec, KeyUsage=usage, **params)["KeyMetadata"]["KeyId"]


def public(key):
    return load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def pkcs8(key):
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def oaep(algorithm):
    return padding.OAEP(mgf=padding.MGF1(algorithm=algorithm), algorithm=algorithm, label=None)


def refused(code, call, **params):
    try:
        call(**params)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return
    raise AssertionError(f"{call.__name__} was not refused")


def arguments(algorithm, hash):
    """How the library is told what KMS calls an algorithm."""
    size = HASH[algorithm[-3:]]
    if algorithm.startswith("ECDSA"):
        return [ec.ECDSA(hash)]
    if "PSS" in algorithm:
        return [padding.PSS(mgf=padding.MGF1(size), salt_length=size.digest_size), hash]
    return [padding.PKCS1v15(), hash]


def signatures(key, outside, algorithm):
    """KMS signs and the library verifies; and the other way, if the library has the key."""
    size = HASH[algorithm[-3:]]
    digest = hashes.Hash(size)
    digest.update(MESSAGE)
    for kind, message, hash in [("RAW", MESSAGE, size), ("DIGEST", digest.finalize(), utils.Prehashed(size))]:
        signature = kms.sign(KeyId=key, Message=message, MessageType=kind, SigningAlgorithm=algorithm)["Signature"]
        public(key).verify(signature, message, *arguments(algorithm, hash))
        try:
            public(key).verify(signature, b"another" if kind == "RAW" else message[::-1], *arguments(algorithm, hash))
            raise AssertionError("another message was verified")
        except InvalidSignature:
            pass
    if outside is not None:
        signature = outside.sign(MESSAGE, *arguments(algorithm, size))
        assert kms.verify(KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm)["SignatureValid"]
        refused("KMSInvalidSignatureException", kms.verify, KeyId=key, Message=b"another", Signature=signature, SigningAlgorithm=algorithm)


def imported(key, material, algorithm="RSA_AES_KEY_WRAP_SHA_256", spec="RSA_3072"):
    """Wraps and imports material."""
    params = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    wrapping, hash = load_der_public_key(params["PublicKey"]), hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    if algorithm.startswith("RSAES"):
        wrapped = wrapping.encrypt(material, oaep(hash))
    else:
        kek = os.urandom(32)
        wrapped = wrapping.encrypt(kek, oaep(hash)) + aes_key_wrap_with_padding(kek, material)
    kms.import_key_material(KeyId=key, ImportToken=params["ImportToken"], EncryptedKeyMaterial=wrapped, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")


# Signatures, of keys that KMS made and of keys that were imported.
for spec, curve in CURVE.items():
    algorithm = {"P256": "ECDSA_SHA_256", "P384": "ECDSA_SHA_384", "P521": "ECDSA_SHA_512", "P256K1": "ECDSA_SHA_256"}[spec.split("_")[-1]]
    signatures(made(spec, "SIGN_VERIFY"), None, algorithm)
    outside, key = ec.generate_private_key(curve), made(spec, "SIGN_VERIFY", Origin="EXTERNAL")
    imported(key, pkcs8(outside), "RSAES_OAEP_SHA_1")
    assert public(key).public_numbers() == outside.public_key().public_numbers()
    signatures(key, outside, algorithm)
own, key, outside = made("RSA_2048", "SIGN_VERIFY"), made("RSA_3072", "SIGN_VERIFY", Origin="EXTERNAL"), rsa.generate_private_key(65537, 3072)
imported(key, pkcs8(outside))
for scheme in ("PSS", "PKCS1_V1_5"):
    for size in ("256", "384", "512"):
        signatures(own, None, f"RSASSA_{scheme}_SHA_{size}")
        signatures(key, outside, f"RSASSA_{scheme}_SHA_{size}")

# Ed25519.
key, outside = made("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", Origin="EXTERNAL"), ed25519.Ed25519PrivateKey.generate()
imported(key, pkcs8(outside), "RSAES_OAEP_SHA_256")
outside.public_key().verify(kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")["Signature"], MESSAGE)
assert kms.verify(KeyId=key, Message=MESSAGE, Signature=outside.sign(MESSAGE), SigningAlgorithm="ED25519_SHA_512")["SignatureValid"]

# Encryption.
key, outside = made("RSA_2048", "ENCRYPT_DECRYPT", Origin="EXTERNAL"), rsa.generate_private_key(65537, 2048)
imported(key, pkcs8(outside), "RSA_AES_KEY_WRAP_SHA_1")
for algorithm, hash in [("RSAES_OAEP_SHA_1", hashes.SHA1()), ("RSAES_OAEP_SHA_256", hashes.SHA256())]:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hush", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    assert outside.decrypt(blob, oaep(hash)) == b"hush"
    blob = public(key).encrypt(b"hush", oaep(hash))
    assert kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)["Plaintext"] == b"hush"

# HMAC.
for size in ("224", "256", "384", "512"):
    key, secret = made(f"HMAC_{size}", "GENERATE_VERIFY_MAC", Origin="EXTERNAL"), os.urandom(int(size) // 8)
    imported(key, secret, "RSAES_OAEP_SHA_256")
    h = hmac.HMAC(secret, HASH[size])
    h.update(MESSAGE)
    mac = h.finalize()
    assert kms.generate_mac(KeyId=key, Message=MESSAGE, MacAlgorithm=f"HMAC_SHA_{size}")["Mac"] == mac
    assert kms.verify_mac(KeyId=key, Message=MESSAGE, Mac=mac, MacAlgorithm=f"HMAC_SHA_{size}")["MacValid"]

# Key agreement.
for spec in ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"):
    key, outside = made(spec, "KEY_AGREEMENT"), ec.generate_private_key(CURVE[spec])
    der = outside.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    secret = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=der)["SharedSecret"]
    assert outside.exchange(ec.ECDH(), public(key)) == secret

# Data key pairs.
symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
for spec in ("RSA_2048", *CURVE, "ECC_NIST_EDWARDS25519"):
    pair = kms.generate_data_key_pair(KeyId=symmetric, KeyPairSpec=spec)
    private = load_der_private_key(kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"], None)
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert der == pair["PublicKey"], spec


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def wrote(name, data):
    with open(name, "wb") as f:
        f.write(data)
    return name


# OpenSSL verifies KMS's signatures, and KMS verifies those of a key that OpenSSL made.
wrote("message", MESSAGE)
for spec, curve in [("ECC_NIST_P384", "secp384r1"), ("ECC_SECG_P256K1", "secp256k1")]:
    hash = "sha384" if spec.endswith("384") else "sha256"
    algorithm = f"ECDSA_SHA_{hash[3:]}"
    key = made(spec, "SIGN_VERIFY")
    wrote("public.der", kms.get_public_key(KeyId=key)["PublicKey"])
    wrote("signature", kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)["Signature"])
    openssl("dgst", f"-{hash}", "-verify", "public.der", "-keyform", "DER", "-signature", "signature", "message")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-outform", "DER", "-out", "private.der")
    openssl("dgst", f"-{hash}", "-sign", "private.der", "-keyform", "DER", "-out", "signature", "message")
    key = made(spec, "SIGN_VERIFY", Origin="EXTERNAL")
    openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "private.der", "-outform", "DER", "-out", "pkcs8.der")
    with open("pkcs8.der", "rb") as f:
        imported(key, f.read())
    with open("signature", "rb") as f:
        assert kms.verify(KeyId=key, Message=MESSAGE, Signature=f.read(), SigningAlgorithm=algorithm)["SignatureValid"]
key = made("RSA_2048", "SIGN_VERIFY")
wrote("public.der", kms.get_public_key(KeyId=key)["PublicKey"])
wrote("signature", kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"])
openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", "-verify", "public.der", "-keyform", "DER", "-signature", "signature", "message")

# ML-DSA, where the library has it: Debian's is older than the standard.
try:
    from cryptography.hazmat.primitives.asymmetric import mldsa
    for spec, kind in [("ML_DSA_44", mldsa.MLDSA44PrivateKey), ("ML_DSA_65", mldsa.MLDSA65PrivateKey), ("ML_DSA_87", mldsa.MLDSA87PrivateKey)]:
        key = made(spec, "SIGN_VERIFY")
        public(key).verify(kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ML_DSA_SHAKE_256")["Signature"], MESSAGE)
        key, outside = made(spec, "SIGN_VERIFY", Origin="EXTERNAL"), kind.generate()
        imported(key, pkcs8(outside))
        assert kms.verify(KeyId=key, Message=MESSAGE, Signature=outside.sign(MESSAGE), SigningAlgorithm="ML_DSA_SHAKE_256")["SignatureValid"]
    print("ML-DSA too")
except ImportError:
    print("no ML-DSA in this library")
print("ok")
