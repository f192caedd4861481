"""The provider called `automatic1111`: an image server of one's own, AUTOMATIC1111 or Forge."""

from limner.providers.automatic1111.provider import Automatic1111Provider

__all__ = ["Automatic1111Provider"]
