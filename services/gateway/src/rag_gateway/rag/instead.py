"""What is said in place of an answer, one plain sentence each."""

from rag_gateway.rag.answer import NO_EMBEDDER, Answer

NOTHING_YET = "There is nothing to search yet: add documents, and ask again."
NOTHING_FOUND = "I found nothing about this in your documents."
NOTHING_MATCHES = "None of the documents that pass the filter match this."
TOO_WEAK = "Your documents do not seem to answer this; the closest passages are listed as sources."
UNSUPPORTED = "This could not be traced to a passage of your documents."
MODEL_AWAY = "The model is away; these passages match your question."


def why_not(answer: Answer) -> str:
    """Why there is nothing to answer from; a search by meaning finds something wherever there is anything."""
    if answer.sources:
        return TOO_WEAK
    if answer.question.filter is not None:
        return NOTHING_MATCHES
    by_meaning = answer.question.mode != "lexical" and NO_EMBEDDER not in answer.degraded
    return NOTHING_YET if by_meaning else NOTHING_FOUND
