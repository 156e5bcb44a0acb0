"""An OpenAI-compatible endpoint as the only bottleneck: asked at its pace, no answer paid twice."""
