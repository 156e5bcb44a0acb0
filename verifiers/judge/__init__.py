"""Language models as judges: what a record means, where rules cannot tell.

`prompting` shows a record, `judge` asks and reads, `voting` decides, `verifier` is the check;
`calibration` measures each judge on records whose truth is known, `agreement` has its statistics.
"""
