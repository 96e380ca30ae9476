from greet.greeting import greeting

__all__ = ["greeting"]
