"""The throw-away key and the published vectors of CloudFront's signed URLs and cookies (cdn-vendors §21.1, §21.2).

Never use the key for anything but tests: it is public.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID = "K2TESTTHROWAWY"
NOW = 1800000000.0
UNTIL = 1893456000
_P = int(
    "f60a72c8f914d6c8a08a3c9acc19022a62e1021c82494a1c982930eed716059da14260373482ab6f1f2b1bf79bda055d"
    "84507018e18ef666b90cc0cf2e5f6a3a84eb2e78776a92154e77ecb2e92ec19c224676b26c781a16ca678479c11058fb"
    "675b027ef204536809cf2330e4d0cc08804f243b5ae2ae17475672a3478fa7b3",
    16,
)
_Q = int(
    "b55ae4506b653b34f9f7acf035fe8465025825eb8a26698b551a8a228a375030d8e072bf87e03648bc70188af1528206"
    "17c7c9787b010ad5dc15decc567db6f182ee2d2bd4c7cd3bed0161c97972351496c7f4f81ea71b7201608234a44139a7"
    "7fcd06a357d729dcd87c17382ed817729b7a36c065c6305423e987dbe0e049ad",
    16,
)


def private_key() -> rsa.RSAPrivateKey:
    """The throw-away key, made of its primes."""
    d = pow(65537, -1, (_P - 1) * (_Q - 1))
    public = rsa.RSAPublicNumbers(65537, _P * _Q)
    return rsa.RSAPrivateNumbers(_P, _Q, d, d % (_P - 1), d % (_Q - 1), pow(_Q, -1, _P), public).private_key()


def public_pem() -> str:
    """What a distribution is told of it."""
    return private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


C1 = (
    "http://edge.test:8080/media/a.jpg?Expires=1893456000&Signature=Y1aoMAaSDbue9PGuawaln-Xq76KRsC2nT"
    "1mwF1Te41VDKMGLh5Wt8eY23IoGhCZ0Ut~~cG2lsS-eG5Qu-IgLYG620dogP3SnMZHLbCvlmQNyKuURWZW4P-5-Vq-Ai6fg9"
    "0v6a0MjVpINcwddMNC1tK0~ueis5WWfPyTAEEuQ2AbybxzlkFFyZDMeMFZnDOsop1ZDM-tfUIHtwFWZEFYDRiknQx9qz5V3G"
    "QF2dfpkFJvdWDKG~KPcAvkMfHWPREzc5k8ZHwagiVcBAEi5yxX3WKHybaAyrBMhZflHq8S-EZpk97WILaRAmEdHzm-RH5RjV"
    "ssviwrQ8TE~~bbukdssYw__&Key-Pair-Id=K2TESTTHROWAWY"
)
C2 = (
    "http://edge.test:8080/media/a.jpg?w=640&fmt=webp&Expires=1893456000&Signature=nJq6MgiMuGLDINfSnt"
    "CHdrwyMZGUasCxUMl3ttNPtW1De478FwBCv6ToeRa4q2SoJieOkVXnzwqZO9kG3e8L07TfJ4XIxX273j8ZclfpV6gWqtvOEm"
    "0krOOzRC9jSiULt80YAVWJtqsnIrUMw9eT4GB2DprmJvtPnSwU9ZslQpQZfl-2VcGXN1TABq9IJ4IDWLuT4UtKvfIllL3KeK"
    "KuHhUFGEiV~TI-~syVN-NTe0jSzLJd~Z3xYzLkziktILlvuHemVpLZjaQ8qO7NMl6A5fr~-CDuOyUhTXToIdHOXh8TmTNdOT"
    "ZoUi4VEZFbWsKpm3chf-CsnOb~g1kWPH4ylg__&Key-Pair-Id=K2TESTTHROWAWY"
)
C3 = (
    "http://edge.test:8080/media/b/c.mp4?Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cDovL2VkZ2Uud"
    "GVzdDo4MDgwL21lZGlhLyoiLCJDb25kaXRpb24iOnsiRGF0ZUxlc3NUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjE4OTM0NTYwM"
    "DB9LCJJcEFkZHJlc3MiOnsiQVdTOlNvdXJjZUlwIjoiMTI3LjAuMC4wLzgifSwiRGF0ZUdyZWF0ZXJUaGFuIjp7IkFXUzpFc"
    "G9jaFRpbWUiOjE3NjcyMjU2MDB9fX1dfQ__&Signature=dG016klGeOeGblko1Yw44N-nGI2KAmbT~CA8H1EHeyJXxkNTni"
    "Cbtmjqt8T0JVXCX80krsvGjEeBHrt3LxTRCgzcO7o~K51poumT1a3QQkA89il77sdLdVJhhvp067kUeQGTijK9Pihuz4D5Pb"
    "3ehEB9jGSsvmDR948PnARhuR6EnBK01tiaWBJtzzDLRoCsccRJfRjzwpvHYzZaiq9zfS1JwlbQUMQKbJ9nkiJHyLILpREqR~"
    "6qsT~k9b0dZUjb5PedfOXJJK1EMpa-VG97RKFvdEddbZm~aFIFmTL~DYzNTPntP3sd9NxCjNjTvF0WzrW9ESdD3SeE7UU9ZE"
    "hpdQ__&Key-Pair-Id=K2TESTTHROWAWY"
)
C4 = (
    "http://edge.test:8080/media/a.jpg?Expires=1893456000&Signature=L-W~lxryEiMRCUUIeWW44ThUyej0GIp1k"
    "68cWETC2~Nz77jlSg16UYqblAeEg8EmGq2UDRvy571h7GrXQOuGh5sEsb1KBK2vUo~aD1CQJ5Kfwlsv9kQOi-tULwAOLr3Bb"
    "zgj31avMm~1SQk7Vrdze-6y7fFr-rHSwBDZC874qfhldNisQYUDqi8ZO~--fA63jK0qGTb~MNI84pe3RUmUqXWMvrq95OeRI"
    "yusmtv6slQwkciZY6bWoFPYJpNQmFm-jabDMZd1-yQ8EtuW9D4XLACUmSO9ux5XKCgmYM39Gkovs~RvNsJsx5yXte87Ry~R4"
    "te0OOOuJvQQzVWWiHzrEw__&Key-Pair-Id=K2TESTTHROWAWY&Hash-Algorithm=SHA256"
)
C5 = (
    "http://edge.test:8080/media/a.jpg?Expires=1577836800&Signature=m9k5B4S6NS7fQxqc40z-rxmH7B8l9hd77"
    "c3ykVCgAifVOndblmQM5j4n09w2YpNtuYel0Ye-OFvyOBuQgWITzoEsmDI5ZX-IZwCBcFjHqGueBMTdgYmrFalVvYg~yOMbG"
    "-MPUhAI93iu8Cz-pKJ-Ja-wfAWnthbPeKlz9PbIWEAnZVbI8PvUdOgt7d7wWOZ3GdNSoBtEwFzGiaQQlQ4ZHQd1dntzfTVbt"
    "HTnKTHP8WFbr0W6B-TRPmOQnFLEV8tRYgQDSe~tejJTXg3aKmW5Km9KjNE97A-Ka3VH2LKTXRKefQ78gS6doztcwbk6jFINh"
    "Qz3j6PyVqOgpx0W7UL5-g__&Key-Pair-Id=K2TESTTHROWAWY"
)
C6 = {
    "CloudFront-Key-Pair-Id": KEY_ID,
    "CloudFront-Policy": (
        "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cDovL2VkZ2UudGVzdDo4MDgwL21lZGlhLyoiLCJDb25kaXRpb24iOnsi"
        "RGF0ZUxlc3NUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjE4OTM0NTYwMDB9LCJEYXRlR3JlYXRlclRoYW4iOnsiQVdTOkVwb2No"
        "VGltZSI6MTc2NzIyNTYwMH19fV19"
    ),
    "CloudFront-Signature": (
        "Gj0oUcdEJ2h4HP~aeYJV15k4h3k6J9E4ketP-1S4IisU8Sf1OX4C72dft6TDXzt~J~YvpoHfoix6l24ndXuz2n2mZNYT2hDq"
        "JdfbQImeVBvFumnnQ1YnPB3Y4xXdOuViZYAi5rYFFZz2bygkEvzSf030GUxs0nGfAC-HKMKtKi-VturRfBrL~sqp3VvF0Ntc"
        "ChVHhcNfc0lPbOTitJ7T9rkYrnH3AfttydB7gN5rnukI3VAs1hy91vFa0tyqf2x2kzJKW4MtS56vHTFJ~ZD9SrytfKf53FT6"
        "Np7xvf851PealGuKm3p5GPba4-GvctvLk0EcFipX5JJfnPe0mXyF1g__"
    ),
}


def target_of(url: str) -> str:
    """Path and query of a vector."""
    return url.removeprefix("http://edge.test:8080")


def cookies_of(**changes: str) -> str:
    """The Cookie field of C6."""
    return "; ".join(f"{name}={value}" for name, value in (C6 | changes).items())
