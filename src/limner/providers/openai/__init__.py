"""The provider `openai`: OpenAI's images, or any server that speaks as OpenAI does."""

from limner.providers.openai.provider import OpenAIProvider

__all__ = ["OpenAIProvider"]
