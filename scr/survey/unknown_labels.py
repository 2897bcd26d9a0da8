"""Labels that stand for an animal that was not identified, in the languages of the field."""

import re
import unicodedata
from collections.abc import Collection

_WORDS = """
unknown unkn unk ukn unid unident unidentified unidentifiable unidentifed uid unnamed unmarked
unassigned unspecified unresolved unclassified unclear unsure uncertain undetermined undet
indeterminate indetermined indet ambiguous doubtful dubious blurry blurred blur unusable
nomatch nomark none nobody nil nn n_n n_i nid
unkwn unknwon unbek неопр tbd tba tbc pending blank empty missing various several multiple
mixed not_clear not_visible no_match no_mark unable_to_id cannot_id can_t_id no_identity
to_be_identified to_be_determined sp spp
desconocido desconocida desconocidos no_identificado no_identificada sin_identificar sin_id
sin_nombre sin_marca indeterminado indeterminada indefinido dudoso borroso no_determinado
desconhecido desconhecida nao_identificado nao_identificada sem_identificacao sem_id sem_nome
indefinida duvidoso
inconnu inconnue inconnus inconnues non_identifie non_identifiee pas_identifie indetermine
indeterminee sans_nom sans_id incertain flou
unbekannt unbekannte unbekannter unbekanntes nicht_bestimmt nicht_bestimmbar unbestimmt
unbestimmbar nicht_identifiziert nicht_identifizierbar unidentifiziert unklar unsicher ohne_namen
ohne_id unscharf namenlos
onbekend onbekende niet_bekend niet_geidentificeerd niet_herkenbaar onduidelijk onzeker
ongeidentificeerd
sconosciuto sconosciuta non_identificato non_identificata ignoto ignota incerto indeterminato
neizvestnyj неизвестный неизвестная неизвестно неизвестен неизв неопределен неопределенный
неопределён неопределённый не_определен не_определён не_опознан неопознан неопознанный не_известен
неясно
невідомий невідома невизначений
okand oidentifierad oidentifierbar osaker ukjent uidentifisert ukendt tuntematon nieznany nieznana
niezidentyfikowany neznamy neznama ismeretlen necunoscut neznan nepoznat nepoznato agnosto
bilinmeyen belirsiz tanimsiz bilinmiyor
tidak_diketahui tidak_dikenal tak_dikenal tak_dikenali tidak_dikenali belum_diketahui tidak_jelas
khong_ro khong_xac_dinh chua_xac_dinh
未识别 未識別 未知 不明 未辨认 未辨認 无法识别 無法識別 不详 不詳 未定 不确定 未確認
識別不能 個体不明 不明個体 미확인 미상 알_수_없음 불명 식별불가
ไม่ทราบ ไม่ระบุ अज्ञात পরিচয়হীন অজানা ناشناس نامشخص مجهول غير_معروف тодорхойгүй үл_мэдэгдэх
"""
_ANY = """
individual individuals ind id animal animals new other others species adult adults ad subadult sad
juvenile juveniles cub cubs kitten kittens male males m female females f left l right r flank side
macho hembra fêmea mâle femelle männchen weibchen самец самка особь individuo individu individuum
tiger tigers leopard leopards snow jaguar jaguars puma pumas lynx ocelot ocelots cheetah cheetahs
lion lions cat cats bear bears wolf dog person human tigre leopardo onça
"""
_LETTERS = frozenset("u")
_PAIRS = frozenset({"s/n", "n/n", "n/i", "s/i", "n/d", "s/d", "x/x"})
_NOT_KNOWN = re.compile(
    r"(?:un|non?|not)_?(?:id|ident\w*|known|named?|marked|sure)(?:_.*)?|(?:unknown|unkn?|unid\w*)_.*"
)
_OF_SPECIES = re.compile(r".*[\s._-](?:spp?|cf|aff|indet)\.?(?:[\s._-]*\d+)?")
_DOUBT = re.compile(
    r"\W*|(?:cf|aff|prob|probably|possibly|possible|perhaps|maybe|likely)[\s._-]+.+|.*\?+\W*|"
    r"\?.*|x{2,}"
)
_MARKS = re.compile(r"[\s._/\\#()\[\]{}'’:,;*-]+")
_NUMBER = re.compile(r"[\s._#()-]*\(?\d{1,4}[a-z]?\)?$")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?")
_CODES = frozenset({99, 999, 9999, 99999, 999999, 32767, 65535, 2147483647})
_FEW_LETTERS = 2


def _folded(text: str) -> str:
    """Without case, accents of Latin letters, and with one mark between words."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(
        mark
        for before, mark in zip(" " + parts, parts, strict=False)
        if not (unicodedata.combining(mark) and before.isascii())
    )
    return _MARKS.sub("_", unicodedata.normalize("NFC", bare)).strip("_")


_UNKNOWN = frozenset(_folded(word) for word in _WORDS.split())
_OF_ANY = frozenset(_folded(word) for word in _ANY.split())


def unknown_labels(names: Collection[str]) -> list[str]:
    """Those among the names of a survey that stand for no one animal.

    Parameters
    ----------
    names
        Distinct names of animals.

    Returns
    -------
    list of str
        Words for "unknown", alone or with a number or a sex (``Unk_03``, ``unknown male``); doubts
        (``cf. Dara``, ``Dara?``); names of species; and codes (0, -1, 999) that do not go on from
        the other numbers.

    Examples
    --------
    >>> unknown_labels(["Dara", "Unk_03", "SIN ID", "未识别", "0", "L01"])
    ['Unk_03', 'SIN ID', '未识别', '0']
    """
    codes = _odd_numbers(names)
    letters = sum(len(name) == 1 and name.isalpha() for name in names)
    return [
        name
        for name in names
        if name in codes or (_is_label(name) and not (letters > _FEW_LETTERS and len(name) == 1))
    ]


def _is_label(name: str) -> bool:
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    if text in _LETTERS | _PAIRS or _DOUBT.fullmatch(text) or _OF_SPECIES.fullmatch(text):
        return True
    whole = _folded(text)
    words = whole.split("_")
    of_any = len(whole) > 1 and all(word in _OF_ANY for word in words)
    return of_any or any(_means_unknown(_folded(one)) for one in (text, _NUMBER.sub("", text)))


def _means_unknown(folded: str) -> bool:
    rest = "_".join(word for word in folded.split("_") if word not in _OF_ANY)
    return folded in _UNKNOWN or rest in _UNKNOWN or bool(_NOT_KNOWN.fullmatch(folded))


def _odd_numbers(names: Collection[str]) -> set[str]:
    """Numbers that are codes: 0 or less, or all nines, unless the other numbers lead up to them."""
    values = {name: int(float(name)) for name in names if _PLAIN_NUMBER.fullmatch(name)}
    usual = sorted({v for v in values.values() if v > 0 and v not in _CODES})
    last = usual[-1] if usual else 0
    return {
        name
        for name, value in values.items()
        if value <= 0 or (value in _CODES and value > 2 * max(last, 4))
    }
