"""An account's name, in the one spelling in which it is kept and compared."""

from __future__ import annotations

# Six Japanese characters have two code points each: CP932 and Windows (WHATWG Encoding Standard, index
# jis0208) say ～ U+FF5E where JIS tables and a Mac (Unicode Consortium, JIS0208.TXT) say 〜 U+301C.
_AS_IN_CP932 = str.maketrans("〜−‖¢£¬", "～－∥￠￡￢")


def account_name(text: str) -> str:
    """Return *text* as CP932 spells it, because Excel can save that: one company never becomes two."""
    return text.translate(_AS_IN_CP932)
