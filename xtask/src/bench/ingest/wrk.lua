-- One event of another visitor with every request, through the trusted loopback proxy.

wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain"
wrk.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
  .. "(KHTML, like Gecko) Chrome/141.0 Safari/537.36"

local sent = 0
local event = '{"n":"pageview","u":"https://load.example/page/%d","d":"load.example",'
  .. '"r":"https://www.google.com/","id":"00000000-0000-4000-8000-%04x%08x"}'
local run = 0

function init(arguments)
  -- Ids must differ from those of an earlier run on the same data.
  run = os.time() % 65536
end

request = function()
  sent = sent + 1
  wrk.headers["X-Forwarded-For"] = string.format("198.%d.%d.%d",
    18 + math.floor(sent / 65536) % 2, math.floor(sent / 256) % 256, sent % 256)
  return wrk.format(nil, "/api/event", nil, string.format(event, sent % 997, run, sent))
end
