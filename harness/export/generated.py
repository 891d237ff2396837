"""The parts that `audit578 export` fills in."""

# The script that observes a case inside an interpreter.
AGENT = ""

# Everything that the cases need of an interpreter or of the machine.
NEEDS = []
