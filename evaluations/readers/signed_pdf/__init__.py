"""Examine a PDF that somebody hands in: who signed it, is it whole, and which certificate numbers does it show?

An instrument: plain Python, told everything that it must know (trust roots, what a number looks like), deciding
nothing. It opens foreign files, so the portal runs it in the sandbox: `python -m evaluations.readers.signed_pdf
FILE --trust PEM --pattern RE`.
"""

from evaluations.readers.signed_pdf.examination import Facts, examine
from evaluations.readers.signed_pdf.signatures import SignatureFacts, TrustBundle

__all__ = ["Facts", "SignatureFacts", "TrustBundle", "examine"]
