"""How well texts are sorted into labels, on public sets whose labels people gave."""
