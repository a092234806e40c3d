"""A UseAPI v3 server for Midjourney that runs on this machine: with a clock, quotas and faults, and without a bill.

    python -m midjourney.simulator --port 8090 --speed 20

It keeps to what is known of the real service and knows nothing of Django or of the studio's apps. Any token of the
form `user:<number>-<text>` is an account of its own, with channels that follow from the token.

What it serves:

    /v3/midjourney/accounts…, /v3/midjourney/jobs…    the API
    /v1/proxy/cdn-midjourney/?cdnUrl=…                the proxy, with the token
    /attachments/…, /media/attachments/…              signed links that end after 24 simulated hours
    /cdn-midjourney/…                                 the CDN itself; refuses whoever does not look like a browser
    /_simulator/…                                     its own API, for this machine only

Its own API, all JSON:

    GET    health    speed and simulated time
    GET    stats     starts and payments per replyRef, the most jobs at once per channel and lane, requests, answers
    GET    faults    standing orders, and every fault with its meaning
    POST   faults    {"endpoint": "jobs/imagine", "fault": "drop-after", "times": 1, "channel", "token", "seconds",
                      "status", "text", "location", "skip"}; times null: until cleared
    DELETE faults    clear them
    POST   clock     {"advance": seconds} or {"hours": 25}
    POST   foreign   {"token" or "channel", "kind": "image" or "video", "seconds", "force"}: another program's job
    POST   block     {"channel", "text"}: block a channel as Discord would; an empty text clears it
    POST   reset     forget jobs, faults and counters

A fault strikes on an order of that API, on a word in the prompt (`sim:moderated`; `sim:429x3` three times, `x0`
always; `sim:slow=10` ten seconds) or on a word in the token (`user:7-bad`, `user:7-team-ch3-max12`). `--help` prints
every name with its meaning, out of `faults.FAULTS` and `faults.TOKEN_WORDS`. Words in the prompt that refuse the
request strike once per prompt and replyRef and then let it pass, so that a person can watch the studio recover.

Chosen where the service is not documented: `{…}` permutations and `--repeat` make one job; a prompt on a button is
ignored while remix is off; an execute-once repeat answers 200; jobs without a lane letter are listed without
`jobType`; `children` is keyed by job id; links are not signed anew by a later GET; the `size` of an attachment is an
estimate, since pictures are drawn when first fetched.

With `--state-dir` jobs, channels and time survive any death; orders of faults and request counters do not.
"""
