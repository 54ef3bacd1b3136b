"""The verbs of the phrasebook, with their forms in both languages and the kinds (see nouns.py) they go with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Verb:
    """A verb; `french` holds the present of je, tu, il, nous, vous, ils."""

    english: tuple[str, str, str]  # base, third person, past
    particle: tuple[str, ...]  # "for" in "look for"
    infinitive: str
    french: tuple[str, ...]
    participle: str
    subjects: frozenset[str]
    objects: frozenset[str] = frozenset()
    preposition: str = ""  # the French object follows "à" or "de"
    liking: bool = False  # its object is known: nobody says "il n'aime pas de chat"
    takes_pronoun: bool = True  # French would say "à lui", "de lui"
    auxiliary: str = "avoir"
    reflexive: bool = False
    motion: bool = False  # can go "towards" and "to"


# English base, third person, past, particle; French infinitive, then nothing (regular -er, -re) or the six
# persons of the present and the participle, parted by commas; subjects; objects.
_TRANSITIVE = """
see sees saw | voir vois,vois,voit,voyons,voyez,voient,vu | PA | PATL
love loves loved | aimer | P | PAThL | liking
find finds found | trouver | P | PAh
follow follows followed | suivre suis,suis,suit,suivons,suivez,suivent,suivi | PA | PAv
take takes took | prendre prends,prends,prend,prenons,prenez,prennent,pris | P | h
look looks looked at | regarder | PA | PATL
watch watches watched | observer | PA | PA
look looks looked for | chercher | PA | PAh
wait waits waited for | attendre | P | P
listen listens listened to | écouter | PA | PA
hear hears heard | entendre | PA | PAv
buy buys bought | acheter achète,achètes,achète,achetons,achetez,achètent,acheté | P | hv
carry carries carried | porter | P | h
help helps helped | aider | P | PA
wash washes washed | laver | P | vg
hide hides hid | cacher | P | h
eat eats ate | manger mange,manges,mange,mangeons,mangez,mangent,mangé | PA | e
open opens opened | ouvrir ouvre,ouvres,ouvre,ouvrons,ouvrez,ouvrent,ouvert | P | o
close closes closed | fermer | P | o
draw draws drew | dessiner | P | PATL
paint paints painted | peindre peins,peins,peint,peignons,peignez,peignent,peint | P | LTP
know knows knew | connaître connais,connais,connaît,connaissons,connaissez,connaissent,connu | P | PL
visit visits visited | visiter | P | d
sell sells sold | vendre | P | hv
forget forgets forgot | oublier | P | hP
lose loses lost | perdre | P | h
cross crosses crossed | traverser | PA | x
call calls called | appeler appelle,appelles,appelle,appelons,appelez,appellent,appelé | P | PA
choose chooses chose | choisir choisis,choisis,choisit,choisissons,choisissez,choisissent,choisi | P | he
thank thanks thanked | remercier | P | P
protect protects protected | protéger protège,protèges,protège,protégeons,protégez,protègent,protégé | PA | PAL
bring brings brought | apporter | P | h
"""
_INDIRECT = """
speak speaks spoke to | parler | P | PA | à
answer answers answered | répondre | P | P | à
talk talks talked about | parler | P | PATL | de noun
think thinks thought about | penser | P | PATL | à noun
"""
_GIVING = """
give gives gave | donner | P | h
show shows showed | montrer | P | hL
send sends sent | envoyer envoie,envoies,envoie,envoyons,envoyez,envoient,envoyé | P | h
lend lends lent | prêter | P | hv
"""
_INTRANSITIVE = """
sleep sleeps slept | dormir dors,dors,dort,dormons,dormez,dorment,dormi | PA
walk walks walked | marcher | Pg | motion
run runs ran | courir cours,cours,court,courons,courez,courent,couru | Pg | motion
sing sings sang | chanter | P
work works worked | travailler | P
dance dances danced | danser | P
swim swims swam | nager nage,nages,nage,nageons,nagez,nagent,nagé | Ps
laugh laughs laughed | rire ris,ris,rit,rions,riez,rient,ri | P
cry cries cried | pleurer | P
smile smiles smiled | sourire souris,souris,sourit,sourions,souriez,sourient,souri | P
fly flies flew | voler | f | motion
arrive arrives arrived | arriver | Pv | être
fall falls fell | tomber | PAh | être
stay stays stayed | rester | PA | être
leave leaves left | partir pars,pars,part,partons,partez,partent,parti | PAv | être
come comes came | venir viens,viens,vient,venons,venez,viennent,venu | Pg | être motion
sit sits sat | asseoir assieds,assieds,assied,asseyons,asseyez,asseyent,assis | Pg | être reflexive
rest rests rested | reposer | PA | être reflexive
wake wakes woke up | réveiller | PA | être reflexive
"""
_SAYING = """
say says said | dire dis,dis,dit,disons,dites,disent,dit | P
think thinks thought | penser | P
know knows knew | savoir sais,sais,sait,savons,savez,savent,su | P
"""

_ER = ("e", "es", "e", "ons", "ez", "ent")
_RE = ("s", "s", "", "ons", "ez", "ent")


def _verb(row: str) -> Verb:
    english, french, subjects, *rest = (part.strip() for part in row.split("|"))
    base, third, past, *particle = english.split()
    infinitive, *irregular = french.split()
    if irregular:
        *present, participle = irregular[0].split(",")
    else:
        stem, endings, last = (infinitive[:-2], *((_ER, "é") if infinitive.endswith("er") else (_RE, "u")))
        present, participle = [stem + ending for ending in endings], stem + last
    objects, marks = (rest[0], rest[1:]) if rest and rest[0] not in _MARKS else ("", rest)
    marks = " ".join(marks).split()
    return Verb(
        (base, third, past),
        tuple(particle),
        infinitive,
        tuple(present),
        participle,
        frozenset(subjects),
        frozenset(objects),
        preposition=next((mark for mark in marks if mark in ("à", "de")), ""),
        liking="liking" in marks,
        takes_pronoun="noun" not in marks,
        auxiliary="être" if "être" in marks else "avoir",
        reflexive="reflexive" in marks,
        motion="motion" in marks,
    )


_MARKS = ("motion", "être", "être motion", "être reflexive")


def _verbs(table: str) -> tuple[Verb, ...]:
    return tuple(_verb(row) for row in table.strip().splitlines())


TRANSITIVE, INDIRECT, GIVING = _verbs(_TRANSITIVE), _verbs(_INDIRECT), _verbs(_GIVING)
INTRANSITIVE, SAYING = _verbs(_INTRANSITIVE), _verbs(_SAYING)

BE = Verb(
    ("be", "is", "was"),
    (),
    "être",
    ("suis", "es", "est", "sommes", "êtes", "sont"),
    "été",
    frozenset("PATL"),
)
# The past of "be" describes, so French uses the imparfait.
WAS = ("étais", "étais", "était", "étions", "étiez", "étaient")
HAVE = ("ai", "as", "a", "avons", "avez", "ont")
GO = ("vais", "vas", "va", "allons", "allez", "vont")
