"""pyHanko judges PAdES files with RSA and ECDSA keys: arithmetic, trust, coverage, difference analysis, level.

  pades.py FOLDER    the output of heqi_make_pades_samples
"""
import glob
import os
import sys
from datetime import datetime, timezone

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import RevocationInfoValidationType, validate_pdf_ltv_signature, validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MOMENT = datetime(2026, 6, 1, 13, tzinfo=timezone.utc)


def context(root):
    return ValidationContext(trust_roots=[root], allow_fetching=False, revocation_mode="soft-fail", moment=MOMENT)


def problems_of(signature, root, is_last):
    status = validate_pdf_signature(signature, context(root))
    found = []
    if not (status.intact and status.valid):
        found.append("not intact or not valid")
    if not status.trusted:
        found.append("not trusted")
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        found.append(f"covers {status.coverage}")
    if status.modification_level > (ModificationLevel.LTA_UPDATES if is_last else ModificationLevel.FORM_FILLING):
        found.append(f"changed later: {status.modification_level}")
    if not status.bottom_line:
        found.append("bottom line")
    return found


def judge(path, root):
    """The problems of one file, as text."""
    found = []
    with open(path, "rb") as file:
        reader = PdfFileReader(file, strict=True)
        signatures = reader.embedded_regular_signatures
        for number, signature in enumerate(signatures):
            for problem in problems_of(signature, root, number + 1 == len(signatures)):
                found.append(f"{signature.field_name}: {problem}")
        if path.endswith("-lta.pdf"):
            status = validate_pdf_ltv_signature(
                signatures[0], RevocationInfoValidationType.PADES_LTA,
                validation_context_kwargs={"trust_roots": [root], "allow_fetching": False, "revocation_mode": "soft-fail"})
            if not status.bottom_line:
                found.append("not good as PAdES B-LTA")
    return found


def main(folder):
    paths = sorted(glob.glob(os.path.join(folder, "*.pdf")))
    bad = 0
    for path in paths:
        kind = os.path.basename(path).split("-")[0]
        found = judge(path, load_cert_from_pemder(os.path.join(folder, f"{kind}-root.pem")))
        bad += bool(found)
        print(f"{os.path.basename(path)}: {'; '.join(found) or 'good'}")
    print(f"{len(paths)} files")
    return 1 if bad or not paths else 0


sys.exit(main(sys.argv[1]))
