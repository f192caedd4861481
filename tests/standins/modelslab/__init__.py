"""ModelsLab, as far as an order of one picture goes, on loopback.

How it behaves is said by words in brackets in an order's prompt, such as `a wizard [402]`: for all
orders of that prompt, for the first ones, `[500*2]`, or for each third, `[500%3]`. Some take a
value, `[eta:3]`. The same words, without brackets, can be given for all orders at its start, and by
a test for the next ones.

- done at once or later: `now`, `processing:2` (so many questions), `seconds:20` (by the clock)
- said of it: `called:queued`, `http:502`, `eta:3`, `no-eta`, `eta-text:3`, `minimal`, `string-id`,
  `no-id`, `no-fetch-result`, `fetch-result:https://…`, `empty`, `empty-string`, `one-string`,
  `nsfw`
- not taken: the keys of `refusals.REFUSALS`, such as `401`, `429:30`, `failed`, `spam`, `policy`
- taken, and not said so: `reset`, `cut`, `slow:30`, `hang`, and the keys of `refusals.RIDDLES`
- questions: `v6-only`, `fetch-failed`, `fetch-error:words`, `fetch-says:words`, `fetch-slow:3`,
  `fetch-hang`, `fetch-reset`, and the keys in `server._trouble`
- pictures: `image-404*2`, `image-html`, `image-cut`, `image-reset`; the same with `proxy-`
- the account, at its start only: `limit:5`, `spam-seconds:30`, `without-model:flux`, `models-html`,
  `models-reset`
"""

from .server import ModelsLabStandin, application
from .wire import KEY

__all__ = ["KEY", "ModelsLabStandin", "application"]
