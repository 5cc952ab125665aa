"""Whether a quotation says what a sentence says; each pair differs in one thing that a small model gets wrong."""

import pytest
from rag_gateway.rag.entailment import bears

LONG = (
    "The region has the port of Lindholm, the second-busiest of the country; the port of Ostby, the busiest container"
    " port of the north; Vestby, the oldest harbour of the coast."
)


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        ("The harbour of Lindholm was built in 1832.", "The harbour of Lindholm was built in 1832."),
        ("Ferries used the harbour because the old port was closed.", "Ferries used the harbour."),
        ("Ferries used the harbour because the old port was closed.", "The old port was closed."),
        (
            "In 1934 a fire destroyed the library, but the paintings were saved.",
            "In 1934 the fire destroyed the library.",
        ),
        ("However, seven of the 1,200 ships was lost; others sank.", "7 of the 1200 ships were lost."),
        ("The harbour has a mole, a work of Vos that took 20 years.", "The harbour has a mole."),
        (
            "The harbour, which Vos built in 1832, has a mole of granite.",
            "The harbour has a mole of granite.",
        ),
        ("It has two moles and also took in freighters.", "It took in freighters."),
    ],
)
def test_what_a_unit_says_is_borne(unit: str, sentence: str) -> None:
    assert bears(unit, sentence)


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        ("The harbour of Lindholm was built in 1832.", "The harbour of Lindholm was built in 1833."),
        ("All but two ships sank.", "Two ships sank."),
        ("The harbour of Lindholm was built in 1832.", "The harbour of Ostby was built in 1832."),
        ("The harbour of Scheele was built in 1832.", "The harbour of Scheel was built."),
        ("The harbour does not freeze in winter.", "The harbour freezes in winter."),
        ("There is no word on whether the harbour opens in winter.", "The harbour does not open in winter."),
        ("The harbour could silt up by 2040.", "The harbour silts up by 2040."),
        (
            "The port has a pilot, and the council and the harbour master set its fees.",
            "The pilot and the harbour master set fees.",
        ),
        ("The harbour is small because it silts up.", "The harbour silts up because it is small."),
        ("The old theatre had a cabaret and a stage.", "The cabaret of the theatre: a stage."),
        (
            "The harbour master of the port heard a claim.",
            "The harbour master of the port heard a claim of the port.",
        ),
        (LONG, "The port of Lindholm is the busiest container port."),
        (
            "The ferry leaves at noon by the old church, and by night the harbour of the town is closed.",
            "The church closed the ferry.",
        ),
        ("The engineer Ada Quarrie gave the harbour its name.", "The harbour gave Ada Quarrie its name."),
        ("If the tide is high, the harbour takes freighters.", "The harbour takes freighters."),
        (
            "In 1934 a fire destroyed the library, but the paintings were saved.",
            "The fire destroyed the paintings.",
        ),
        ("The fire destroyed the library and spared the paintings.", "The fire destroyed the paintings."),
        ("What you have: A GPU with 80 GB; What you write: make run BIG", "You need a GPU to run BIG."),
        ("The mother of Ada wrote the book of the harbour.", "Ada wrote the book."),
        ("Critics claim that the mole failed and the quay sank.", "The quay sank."),
        ("It is a myth that the quay sank.", "The quay sank."),
        ("Hardly any ships sank in the storm.", "Ships sank in the storm."),
        ("The council planned to build a mole of stone.", "The council built a mole of stone."),
        ("The gateway listens on port 8080, the embedder on port 8081.", "The gateway listens on port 8081."),
        ("The capital of Poland is Warsaw, of France Paris.", "The capital of Poland is Paris."),
        ("The bank that sued the city was founded by Vos.", "The city was founded by Vos."),
        ("The king's brother killed the duke.", "The king killed the duke."),
        ("The town is not only old.", "The town is not old."),
        (
            "The ferry was founded in 1966 as the Ostby Line by Vos and his sons.",
            "The ferry was founded by the Ostby Line.",
        ),
        (
            "The port's growth in 1961 represented a turning point.",
            "The port's growth, representing a point.",
        ),
        ("The ferry leaves from the north and the tram from the south.", "The ferry leaves from the south."),
        ("The council denied that the harbour is closed.", "The harbour is closed."),
        ("Until 2019 the harbour was open.", "The harbour was open."),
        ("The harbour is open.", "It is."),
        ("The harbour of Lindholm was built in 1832.", "The harbour of Lindholm."),
        ("The harbour of Lindholm was built in 1832.", "The harbour of Lindholm was."),
        ("The harbour of St. Olav was built in 1832.", "The harbour was St. O."),
        (
            "While the council has the harbour, the port has rights of veto.",
            "The council has rights of veto.",
        ),
        ("The city near the river was flooded.", "The river was flooded."),
        ("The company that Vos sued has made pumps.", "Vos sued has made pumps."),
        ("The fine was two thousand and fifty pounds.", "The fine was two thousand."),
        ("The house has red and white doors.", "The house has red."),
        ("He was the first black, gay and Jewish mayor.", "He was the first black."),
        ("According to Vos, the driver was drunk, and the quay was blown up.", "The quay was blown up."),
        ("On Mars the sky is red, and the days are longer.", "The days are longer."),
        ("It is a myth, but a lovely one, and the dragon was killed.", "The dragon was killed."),
        ("All ships were sunk, save one.", "All ships were sunk."),
        ("The law was in force, subject to approval.", "The law was in force."),
        ("The product is free (for students).", "The product is free."),
        ("The dose is 5 mg (children) and 10 mg (adults).", "The dose is 5 mg and 10 mg."),
        ("The moon is made of cheese?", "The moon is made of cheese."),
        (
            "In winter, when it is dark, the harbour has a light; all pay.",
            "In winter the harbour has a light.",
        ),
        ("It was -5 degrees at noon.", "It was 5 degrees at noon."),
        ("The quay costs £5 at noon.", "The quay costs $5 at noon."),
        ("The quay lost 5% of its stones.", "The quay lost 5 of its stones."),
        ("Every tenth patient died in the ward.", "Every patient died in the ward."),
        ("The drug has cured cancer in mice.", "The drug has cured cancer."),
        ("In mice, the drug has cured cancer.", "The drug has cured cancer."),
        ("The drug has cured cancer, in mice.", "The drug has cured cancer."),
        ("The film about Vos won a prize.", "Vos won a prize."),
        ("The doctor told the mayor he was ill.", "The doctor was ill."),
        ("The king has banned schools built for girls.", "The king has banned schools."),
        ("The mother of Ada and Bob has died.", "Bob has died."),
        ("The port has between 5 and 7 ships.", "The port has between 5."),
        ("Vos was born in Paris, Texas, of Danes.", "Vos was born in Paris."),
        ("The quay was lost, critics say.", "The quay was lost."),
        ("Three of the five engines failed.", "Five engines failed."),
        ("The harbour (which has not paid) was sold.", "The harbour was sold."),
        ("To stop what was started, press Ctrl-C.", "To stop what was started."),
        ("The plan of Vos, headed by Ada, was a turn.", "The plan of Vos, headed by Ada."),
        ("The port has a mole, but only at low tide.", "The port has a mole."),
        (
            "A priest who has been told of it, often many times, is called a seer.",
            "A priest who has been told of it.",
        ),
        ("Setting: SHARE; Meaning: what it may take; where others share it.", "Where others share it."),
        ("The results on shells, cones and plates.", "The results on shells."),
        ("After the storm of 1832 the harbour was built.", "The harbour was built in 1832."),
    ],
)
def test_what_a_unit_does_not_say_is_not(unit: str, sentence: str) -> None:
    assert not bears(unit, sentence)
