"""One photo for a proposal: made anew from what was sent, without anything that the camera wrote into it."""
