"""The words of the phrasebook, each with its forms in both languages and the kinds that it goes with.

Kinds are letters, so that a table row stays on one line. A noun has kinds; a verb and an adjective list those
that they accept, so that nobody eats a bridge and no wall is hungry.

    P person    A animal     T thing     L place    r is somebody's (my brother, not my man)
    g walks     f flies      s swims     h is carried     e is eaten     o opens
    v vehicle   d has doors  w has two sides      k is kept at hand      x is crossed
    i holds things   I holds people   u things are on it   U people are on it
    n things are under it    N people are under it
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Noun:
    """A noun. `scene` is "river" or "money" where it tells which bank is meant, else ""."""

    english: tuple[str, str]  # singular, plural
    french: tuple[str, str]
    gender: str  # "m" or "f"
    kinds: frozenset[str]
    scene: str = ""


@dataclass(frozen=True, eq=False)
class Adjective:
    """An adjective; `before_vowel` is the masculine singular before a vowel (bel, vieil, nouvel)."""

    english: str
    french: dict[str, str]  # "ms", "fs", "mp", "fp"
    before_vowel: str
    precedes: bool  # before the French noun
    colour: bool
    gradable: bool  # can be said with "very" and "too"
    kinds: frozenset[str]


_NOUNS = """
man men           homme hommes             m P
woman women       femme femmes             f P
boy boys          garçon garçons           m P
girl girls        fille filles             f P
friend friends    ami amis                 m Pr
teacher teachers  professeur professeurs   m Pr
student students  étudiant étudiants       m Pr
nurse nurses      infirmière infirmières   f Pr
child children    enfant enfants           m P
actress actresses actrice actrices         f P
doctor doctors    médecin médecins         m Pr
neighbour neighbours voisine voisines      f Pr
baker bakers      boulanger boulangers     m Pr
farmer farmers    fermier fermiers         m P
king kings        roi rois                 m P
queen queens      reine reines             f P
singer singers    chanteuse chanteuses     f P
uncle uncles      oncle oncles             m Pr
aunt aunts        tante tantes             f Pr
brother brothers  frère frères             m Pr
sister sisters    sœur sœurs               f Pr
fisherman fishermen pêcheur pêcheurs       m P river
sailor sailors    marin marins             m P river
banker bankers    banquier banquiers       m P money
customer customers cliente clientes        f Pr money
cashier cashiers  caissière caissières     f P money
cat cats          chat chats               m Agr
dog dogs          chien chiens             m Agr
bird birds        oiseau oiseaux           m Afr
horse horses      cheval chevaux           m Agr
cow cows          vache vaches             f Agr
mouse mice        souris souris            f Ag
rabbit rabbits    lapin lapins             m Agr
owl owls          hibou hiboux             m Af
bee bees          abeille abeilles         f Af
goat goats        chèvre chèvres           f Agr
hedgehog hedgehogs hérisson hérissons      m Ag
duck ducks        canard canards           m Agfs river
swan swans        cygne cygnes             m Afs river
frog frogs        grenouille grenouilles   f As river
fish -            poisson -                m As river
apple apples      pomme pommes             f Ther
cake cakes        gâteau gâteaux           m Ther
pear pears        poire poires             f Ther
orange oranges    orange oranges           f Ther
egg eggs          œuf œufs                 m Ther
book books        livre livres             m Thr
letter letters    lettre lettres           f Thr
newspaper newspapers journal journaux      m Thr
map maps          carte cartes             f Thrk
hat hats          chapeau chapeaux         m Thrk
coat coats        manteau manteaux         m Thrk
umbrella umbrellas parapluie parapluies    m ThonrNk
key keys          clé clés                 f Thrk
cup cups          tasse tasses             f Thr
flower flowers    fleur fleurs             f Thr
lamp lamps        lampe lampes             f Thrk
gift gifts        cadeau cadeaux           m Thr
box boxes         boîte boîtes             f Thoiur
bag bags          sac sacs                 m Thoirk
basket baskets    panier paniers           m Thirk
suitcase suitcases valise valises          f Thoiurk
table tables      table tables             f Tunr
chair chairs      chaise chaises           f TunrU
bed beds          lit lits                 m TunrU
mat mats          tapis tapis              m TurU
bench benches     banc bancs               m TunrU
door doors        porte portes             f Torw
window windows    fenêtre fenêtres         f Torw
car cars          voiture voitures         f TIvr
bicycle bicycles  vélo vélos               m Tvr
train trains      train trains             m TIv
tree trees        arbre arbres             m TnN
boat boats        bateau bateaux           m TIvrU  river
cheque cheques    chèque chèques           m Thr   money
coin coins        pièce pièces             f Thr   money
wallet wallets    portefeuille portefeuilles m Thor money
safe safes        coffre coffres           m Toi  money
house houses      maison maisons           f LIdr
garden gardens    jardin jardins           m LIr
school schools    école écoles             f LIdr
hotel hotels      hôtel hôtels             m LIdr
kitchen kitchens  cuisine cuisines         f LIdr
church churches   église églises           f LId
park parks        parc parcs               m LI
shop shops        magasin magasins         m LIdr
station stations  gare gares               f LId
library libraries bibliothèque bibliothèques f LId
castle castles    château châteaux         m LIdr
village villages  village villages         m LIr
market markets    marché marchés           m L
museum museums    musée musées             m LId
street streets    rue rues                 f LIx
island islands    île îles                 f LU
bridge bridges    pont ponts               m LnxUN
field fields      champ champs             m LIx
forest forests    forêt forêts             f LIx
hill hills        colline collines         f LU
wall walls        mur murs                 m LuUw
river rivers      rivière rivières         f Lx   river
harbour harbours  port ports               m L    river
"""

# English, the four French forms ("+e" and the like are not spelt out for the regular ones), position, kinds.
_ADJECTIVES = """
big       grand grande grands grandes            before ALiuv
small     petit petite petits petites            before PATL
old       vieux vieille vieux vieilles vieil     before PATL
young     jeune jeune jeunes jeunes              before PA
beautiful beau belle beaux belles bel            before PATL
new       nouveau nouvelle nouveaux nouvelles nouvel before kvud
good      bon bonne bons bonnes                  before Pe
pretty    joli jolie jolis jolies                before hL
bad       mauvais mauvaise mauvais mauvaises     before Pe
kind      gentil gentille gentils gentilles      before PA
black     noir noire noirs noires                colour AT
white     blanc blanche blancs blanches          colour ATd
red       rouge rouge rouges rouges              colour T
green     vert verte verts vertes                colour T
blue      bleu bleue bleus bleues                colour T
grey      gris grise gris grises                 colour ATd
yellow    jaune jaune jaunes jaunes              colour T
tired     fatigué fatiguée fatigués fatiguées    after PA
happy     heureux heureuse heureux heureuses     after PA
sad       triste triste tristes tristes          after PA
quiet     calme calme calmes calmes              after PAL
strange   étrange étrange étranges étranges      after PATL
strong    fort forte forts fortes                after PA
heavy     lourd lourde lourds lourdes            after T
dirty     sale sale sales sales                  after ATL
hungry    affamé affamée affamés affamées        after PA
proud     fier fière fiers fières                after P
rich      riche riche riches riches              after P
famous    célèbre célèbre célèbres célèbres      after Pd
serious   sérieux sérieuse sérieux sérieuses     after P
jealous   jaloux jalouse jaloux jalouses         after P
curious   curieux curieuse curieux curieuses     after PA
dangerous dangereux dangereuse dangereux dangereuses after ALv
gentle    doux douce doux douces                 after PA
lost      perdu perdue perdus perdues            state PAh
broken    cassé cassée cassés cassées            state onuv
expensive cher chère chers chères                after hve
clean     propre propre propres propres          after Td
empty     vide vide vides vides                  state idvI
dark      sombre sombre sombres sombres          after L
peaceful  paisible paisible paisibles paisibles  after L
closed    fermé fermée fermés fermées            state od
open      ouvert ouverte ouverts ouvertes        state od
"""


def _noun(row: str) -> Noun:
    one, more, un, des, gender, kinds, *scene = row.split()
    more, des = ("" if more == "-" else more), ("" if des == "-" else des)
    return Noun((one, more), (un, des), gender, frozenset(kinds), *scene)


def _adjective(row: str) -> Adjective:
    english, ms, fs, mp, fp, *special, position, kinds = row.split()
    forms = {"ms": ms, "fs": fs, "mp": mp, "fp": fp}
    vowel = special[0] if special else ms
    gradable = position in ("before", "after")
    return Adjective(
        english, forms, vowel, position == "before", position == "colour", gradable, frozenset(kinds)
    )


NOUNS = tuple(_noun(row) for row in _NOUNS.strip().splitlines())
BANKS = {
    "river": Noun(("bank", "banks"), ("rive", "rives"), "f", frozenset("L"), "river"),
    "money": Noun(("bank", "banks"), ("banque", "banques"), "f", frozenset("L"), "money"),
}
ADJECTIVES = tuple(_adjective(row) for row in _ADJECTIVES.strip().splitlines())
