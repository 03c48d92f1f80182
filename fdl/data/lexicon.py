"""The words of the made-up sentences: English and French side by side.

Each row of a table is one word; ``/`` stands between its forms. What a noun
is called (a person, ``p``, an animal, ``a``, …) decides which adjectives and
verbs go with it.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ADJECTIVES",
    "BAD",
    "GOOD",
    "NAMES",
    "NOUNS",
    "OPINIONS",
    "VERBS",
    "Adjective",
    "Noun",
    "Verb",
    "vowel",
]


class Noun(NamedTuple):
    """A noun: singular and plural in both languages, gender, kind.

    Examples
    --------
    >>> nouns = {noun.english[0]: noun for noun in NOUNS}
    >>> nouns["horse"].french, nouns["horse"].kind
    (('cheval', 'chevaux'), 'a')
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    feminine: bool
    kind: str


class Adjective(NamedTuple):
    """An adjective.

    Attributes
    ----------
    english : str
        As it stands before a noun.
    comparative : str
        English; "more" before the word itself; empty where nothing can be
        more so.
    french : tuple of str
        Masculine and feminine, singular and then plural; a fifth form stands
        before a masculine noun that begins with a vowel.
    before : bool
        Whether it goes before a French noun.
    kinds : str
        Of nouns that it fits.

    Examples
    --------
    >>> old = ADJECTIVES[0]
    >>> old.comparative, old.french[1], old.french[4]  # "un vieil homme"
    ('older', 'vieille', 'vieil')
    """

    english: str
    comparative: str
    french: tuple[str, ...]
    before: bool
    kinds: str


class Verb(NamedTuple):
    """A verb.

    Attributes
    ----------
    english : tuple of str
        Base, third person, past, participle in "-ing".
    french : tuple of str
        Third person singular and plural, past participle, infinitive.
    subjects, objects : str
        Kinds of nouns that it fits; no objects for an intransitive one.

    Examples
    --------
    >>> see = VERBS[0]
    >>> see.english, see.french
    (('see', 'sees', 'saw', 'seeing'), ('voit', 'voient', 'vu', 'voir'))
    >>> verbs = {verb.english[0]: verb for verb in VERBS}
    >>> verbs["sleep"].objects
    ''
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    subjects: str
    objects: str = ""


def vowel(word: str) -> bool:
    """Return whether a French word begins as one with a vowel does.

    Examples
    --------
    >>> [word for word in ("église", "homme", "voiture") if vowel(word)]
    ['église', 'homme']
    """
    return word[0].lower() in "aeiouhâàéèêîôœ"


# p person, a animal, t thing, f food, l place, r something to read, o a work
_NOUNS = """
man/men homme/hommes m p
woman/women femme/femmes f p
boy/boys garçon/garçons m p
girl/girls fille/filles f p
child/children enfant/enfants m p
teacher/teachers professeur/professeurs m p
doctor/doctors médecin/médecins m p
farmer/farmers fermier/fermiers m p
cook/cooks cuisinier/cuisiniers m p
painter/painters peintre/peintres m p
neighbour/neighbours voisin/voisins m p
brother/brothers frère/frères m p
sister/sisters sœur/sœurs f p
student/students étudiant/étudiants m p
nurse/nurses infirmière/infirmières f p
guide/guides guide/guides m p
queen/queens reine/reines f p
dog/dogs chien/chiens m a
cat/cats chat/chats m a
horse/horses cheval/chevaux m a
bird/birds oiseau/oiseaux m a
cow/cows vache/vaches f a
duck/ducks canard/canards m a
watch/watches montre/montres f t
saw/saws scie/scies f t
hat/hats chapeau/chapeaux m t
box/boxes boîte/boîtes f t
chair/chairs chaise/chaises f t
table/tables table/tables f t
lamp/lamps lampe/lampes f t
umbrella/umbrellas parapluie/parapluies m t
car/cars voiture/voitures f t
coat/coats manteau/manteaux m t
key/keys clé/clés f t
flower/flowers fleur/fleurs f t
bag/bags sac/sacs m t
boat/boats bateau/bateaux m t
tool/tools outil/outils m t
apple/apples pomme/pommes f f
fish/fish poisson/poissons m f
cake/cakes gâteau/gâteaux m f
cheese/cheeses fromage/fromages m f
egg/eggs œuf/œufs m f
orange/oranges orange/oranges f f
house/houses maison/maisons f l
garden/gardens jardin/jardins m l
park/parks parc/parcs m l
church/churches église/églises f l
school/schools école/écoles f l
market/markets marché/marchés m l
hotel/hotels hôtel/hôtels m l
bank/banks banque/banques f l
museum/museums musée/musées m l
shop/shops magasin/magasins m l
street/streets rue/rues f l
village/villages village/villages m l
station/stations gare/gares f l
book/books livre/livres m r
letter/letters lettre/lettres f r
newspaper/newspapers journal/journaux m r
poem/poems poème/poèmes m r
answer/answers réponse/réponses f r
article/articles article/articles m r
film/films film/films m o
play/plays pièce/pièces f o
story/stories histoire/histoires f o
song/songs chanson/chansons f o
scene/scenes scène/scènes f o
picture/pictures image/images f o
concert/concerts concert/concerts m o
dance/dances danse/danses f o
show/shows spectacle/spectacles m o
ending/endings fin/fins f o
"""

# the form before a vowel stands last; "-" where English says "more", "0"
# where neither "more" nor "very" goes with it
_ADJECTIVES = """
old older vieux/vieille/vieux/vieilles/vieil b palto
new newer nouveau/nouvelle/nouveaux/nouvelles/nouvel b tlro
small smaller petit/petite/petits/petites b palt
big bigger grand/grande/grands/grandes b altf
young younger jeune/jeune/jeunes/jeunes b pa
long longer long/longue/longs/longues b rot
red redder rouge/rouge/rouges/rouges a t
green greener vert/verte/verts/vertes a tf
black blacker noir/noire/noirs/noires a at
white whiter blanc/blanche/blancs/blanches a atl
blue bluer bleu/bleue/bleus/bleues a t
heavy heavier lourd/lourde/lourds/lourdes a t
light lighter léger/légère/légers/légères a t
rich richer riche/riche/riches/riches a p
happy happier heureux/heureuse/heureux/heureuses a p
tired - fatigué/fatiguée/fatigués/fatiguées a pa
quiet quieter tranquille/tranquille/tranquilles/tranquilles a pal
famous - célèbre/célèbre/célèbres/célèbres a plro
French 0 français/française/français/françaises a ptro
English 0 anglais/anglaise/anglais/anglaises a ptro
foreign 0 étranger/étrangère/étrangers/étrangères a pro
empty 0 vide/vide/vides/vides a l
expensive - cher/chère/chers/chères a tf
well-known 0 réputé/réputée/réputés/réputées a plro
half-empty 0 désert/déserte/déserts/désertes a l
hand-made 0 artisanal/artisanale/artisanaux/artisanales a t
"""

_GOOD = """
wonderful 0 merveilleux/merveilleuse/merveilleux/merveilleuses a o
good - bon/bonne/bons/bonnes b o
great 0 formidable/formidable/formidables/formidables a o
brilliant 0 brillant/brillante/brillants/brillantes a o
charming - charmant/charmante/charmants/charmantes a o
excellent 0 excellent/excellente/excellents/excellentes a o
funny - drôle/drôle/drôles/drôles a o
moving - émouvant/émouvante/émouvants/émouvantes a o
beautiful - beau/belle/beaux/belles/bel b o
"""

_BAD = """
boring - ennuyeux/ennuyeuse/ennuyeux/ennuyeuses a o
bad - mauvais/mauvaise/mauvais/mauvaises b o
terrible 0 affreux/affreuse/affreux/affreuses a o
slow - lent/lente/lents/lentes a o
stupid - stupide/stupide/stupides/stupides a o
weak - faible/faible/faibles/faibles a o
dull - terne/terne/ternes/ternes a o
ugly - laid/laide/laids/laides a o
awful 0 atroce/atroce/atroces/atroces a o
"""

_VERBS = """
see/sees/saw/seeing voit/voient/vu/voir pa patfl
like/likes/liked/liking aime/aiment/aimé/aimer p patfl
buy/buys/bought/buying achète/achètent/acheté/acheter p tfr
sell/sells/sold/selling vend/vendent/vendu/vendre p tfr
carry/carries/carried/carrying porte/portent/porté/porter p t
find/finds/found/finding trouve/trouvent/trouvé/trouver p patr
paint/paints/painted/painting peint/peignent/peint/peindre p patl
watch/watches/watched/watching regarde/regardent/regardé/regarder pa pa
follow/follows/followed/following suit/suivent/suivi/suivre pa pa
know/knows/knew/knowing connaît/connaissent/connu/connaître p pl
help/helps/helped/helping aide/aident/aidé/aider p pa
visit/visits/visited/visiting visite/visitent/visité/visiter p l
hear/hears/heard/hearing entend/entendent/entendu/entendre pa pa
call/calls/called/calling appelle/appellent/appelé/appeler p pa
choose/chooses/chose/choosing choisit/choisissent/choisi/choisir p tfro
read/reads/read/reading lit/lisent/lu/lire p r
write/writes/wrote/writing écrit/écrivent/écrit/écrire p r
draw/draws/drew/drawing dessine/dessinent/dessiné/dessiner p patl
forget/forgets/forgot/forgetting oublie/oublient/oublié/oublier p tr
show/shows/showed/showing montre/montrent/montré/montrer p tlo
open/opens/opened/opening ouvre/ouvrent/ouvert/ouvrir p lr
eat/eats/ate/eating mange/mangent/mangé/manger pa f
cook/cooks/cooked/cooking cuisine/cuisinent/cuisiné/cuisiner p f
lose/loses/lost/losing perd/perdent/perdu/perdre p tr
sleep/sleeps/slept/sleeping dort/dorment/dormi/dormir pa
work/works/worked/working travaille/travaillent/travaillé/travailler p
walk/walks/walked/walking marche/marchent/marché/marcher pa
run/runs/ran/running court/courent/couru/courir pa
wait/waits/waited/waiting attend/attendent/attendu/attendre pa
dance/dances/danced/dancing danse/dansent/dansé/danser p
sing/sings/sang/singing chante/chantent/chanté/chanter p
play/plays/played/playing joue/jouent/joué/jouer pa
swim/swims/swam/swimming nage/nagent/nagé/nager pa
"""

# verbs of opinion, with what they say of their object
_OPINIONS = """
love/loves/loved/loving adore/adorent/adoré/adorer good
enjoy/enjoys/enjoyed/enjoying apprécie/apprécient/apprécié/apprécier good
admire/admires/admired/admiring admire/admirent/admiré/admirer good
hate/hates/hated/hating déteste/détestent/détesté/détester bad
despise/despises/despised/despising méprise/méprisent/méprisé/mépriser bad
regret/regrets/regretted/regretting regrette/regrettent/regretté/regretter bad
"""

NAMES = (
    ("Anna", "Anna", True),
    ("Mary", "Marie", True),
    ("Julia", "Julie", True),
    ("Peter", "Pierre", False),
    ("Paul", "Paul", False),
    ("Andrew", "André", False),
    ("Mark", "Marc", False),
)
"""People, in English and in French, and whether each is a woman."""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def _forms(text: str) -> tuple[str, ...]:
    return tuple(text.split("/"))


def _adjectives(table: str) -> tuple[Adjective, ...]:
    return tuple(
        Adjective(
            english,
            {"-": f"more {english}", "0": ""}.get(more, more),
            _forms(french),
            side == "b",
            kinds,
        )
        for english, more, french, side, kinds in _rows(table)
    )


NOUNS = tuple(
    Noun(_forms(english), _forms(french), gender == "f", kind)
    for english, french, gender, kind in _rows(_NOUNS)
)
"""Nouns in both languages, with their gender and their kind."""
ADJECTIVES = _adjectives(_ADJECTIVES)
"""Adjectives that judge nothing, in both languages."""
GOOD, BAD = _adjectives(_GOOD), _adjectives(_BAD)
"""Adjectives that praise, and those that blame."""
VERBS = tuple(
    Verb(_forms(english), _forms(french), *kinds)
    for english, french, *kinds in _rows(_VERBS)
)
"""Verbs in both languages, with the kinds of nouns that they fit."""
OPINIONS = tuple(
    (Verb(_forms(english), _forms(french), "p", "o"), int(says == "good"))
    for english, french, says in _rows(_OPINIONS)
)
"""Verbs of liking, each with 1, and of disliking, with 0."""
