"""The units of the bureau: stations, direct units, internal departments."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_research.study.synthetic.streams import Key

SEQUENCES = ("station", "direct", "internal")

_FIRST = (
    ("东", "Dong"), ("西", "Xi"), ("南", "Nan"), ("北", "Bei"), ("河", "He"), ("江", "Jiang"), ("湖", "Hu"),
    ("山", "Shan"), ("林", "Lin"), ("石", "Shi"), ("金", "Jin"), ("银", "Yin"), ("青", "Qing"), ("白", "Bai"),
    ("红", "Hong"), ("新", "Xin"), ("安", "An"), ("平", "Ping"), ("和", "He"), ("永", "Yong"), ("长", "Chang"),
    ("清", "Qing"), ("龙", "Long"), ("凤", "Feng"), ("松", "Song"), ("柳", "Liu"), ("梅", "Mei"), ("竹", "Zhu"),
    ("云", "Yun"), ("泉", "Quan"), ("高", "Gao"), ("古", "Gu"), ("福", "Fu"), ("广", "Guang"), ("文", "Wen"),
    ("明", "Ming"), ("光", "Guang"), ("华", "Hua"), ("兴", "Xing"), ("丰", "Feng"), ("桃", "Tao"), ("杏", "Xing"),
    ("双", "Shuang"), ("大", "Da"), ("小", "Xiao"), ("上", "Shang"), ("下", "Xia"),
)  # fmt: skip
_SECOND = (
    ("湾", "wan"), ("桥", "qiao"), ("坪", "ping"), ("塘", "tang"), ("溪", "xi"), ("岭", "ling"), ("坡", "po"),
    ("泉", "quan"), ("田", "tian"), ("洲", "zhou"), ("港", "gang"), ("街", "jie"), ("门", "men"), ("园", "yuan"),
    ("城", "cheng"), ("村", "cun"), ("庄", "zhuang"), ("屯", "tun"), ("渡", "du"), ("关", "guan"), ("峰", "feng"),
    ("谷", "gu"), ("井", "jing"), ("台", "tai"), ("阁", "ge"), ("寨", "zhai"), ("沟", "gou"), ("滩", "tan"),
    ("埠", "bu"), ("岗", "gang"), ("原", "yuan"), ("川", "chuan"), ("浦", "pu"), ("陵", "ling"), ("亭", "ting"),
    ("市", "shi"), ("店", "dian"), ("铺", "pu"), ("堡", "bao"), ("岛", "dao"), ("营", "ying"), ("垸", "yuan"),
    ("坝", "ba"),
)  # fmt: skip

_DIRECT = (
    ("Criminal Investigation Brigade", "刑事侦查大队", "case"),
    ("Public Order Brigade", "治安管理大队", "community"),
    ("Traffic Police Brigade", "交通警察大队", "traffic"),
    ("Cyber Security Brigade", "网络安全保卫大队", "case"),
    ("Patrol and Special Police Brigade", "巡特警大队", "patrol"),
    ("Anti-Drug Brigade", "禁毒大队", "case"),
    ("Exit and Entry Administration", "出入境管理大队", "desk"),
    ("Food and Drug Crime Brigade", "食药环侦查大队", "case"),
)
_INTERNAL = (
    ("Legal Affairs Brigade", "法制大队", "legal"),
    ("Command Center", "指挥中心", "desk"),
    ("Political Department", "政治处", "desk"),
    ("Logistics Section", "警务保障室", "desk"),
    ("Internal Inspection Brigade", "督察大队", "legal"),
    ("Science and Information Section", "科技信息化室", "desk"),
    ("Petition Office", "信访室", "desk"),
    ("Archives Office", "档案室", "desk"),
)
DEPARTMENT_OFFICERS = 18
"""Officers of a direct unit or an internal department."""


@dataclass(frozen=True)
class Roster:
    """Names and keys of all units: stations first, then direct units, then internal departments.

    Attributes
    ----------
    stations : int
        Number of stations.
    ids, names_en, names_zh, sequences : tuple of str
        One per unit.
    main_posts : tuple of str
        The post that is most common in a direct unit or internal department; empty for stations.
    keys : tuple of tuple of int
        Kind and number of each unit, for `Streams`.
    """

    stations: int
    ids: tuple[str, ...]
    names_en: tuple[str, ...]
    names_zh: tuple[str, ...]
    sequences: tuple[str, ...]
    main_posts: tuple[str, ...]
    keys: tuple[Key, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def station_keys(self) -> tuple[Key, ...]:
        """Keys of the stations."""
        return self.keys[: self.stations]


def make_roster(stations: int, direct: int, internal: int) -> Roster:
    """Return the units of a bureau.

    Parameters
    ----------
    stations, direct, internal : int
        How many of each sequence.

    Returns
    -------
    Roster

    Examples
    --------
    >>> make_roster(1, 1, 0).ids
    ('S0001', 'D01')
    """
    rows = [(f"S{number + 1:04d}", *_station_name(number), "station", "", (0, number)) for number in range(stations)]
    for kind, (letter, named, count) in enumerate((("D", _DIRECT, direct), ("M", _INTERNAL, internal)), 1):
        for number, (en, zh, post) in enumerate(named[:count]):
            rows.append((f"{letter}{number + 1:02d}", en, zh, SEQUENCES[kind], post, (kind, number)))
    ids, names_en, names_zh, sequences, posts, keys = zip(*rows, strict=True)
    return Roster(stations, ids, names_en, names_zh, sequences, posts, keys)


def _station_name(number: int) -> tuple[str, str]:
    """Return an invented name; 47 and 43 have no common factor, so 2,021 names pass before one comes again."""
    first, second = _FIRST[number % len(_FIRST)], _SECOND[number % len(_SECOND)]
    again = "" if number < len(_FIRST) * len(_SECOND) else f" {1 + number // (len(_FIRST) * len(_SECOND))}"
    return f"{first[1]}{second[1]} Police Station{again}", f"{first[0]}{second[0]}派出所{again}"
