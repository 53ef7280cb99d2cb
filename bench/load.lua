-- Makes the requests of one measurement and prints its result as one line of JSON.
-- BENCH_RANGE_BYTES asks for one range after the other of an object of BENCH_OBJECT_BYTES;
-- BENCH_ROUTES spreads the requests over the paths /r0/... to /rN/...
local range_bytes = tonumber(os.getenv("BENCH_RANGE_BYTES") or "0")
local object_bytes = tonumber(os.getenv("BENCH_OBJECT_BYTES") or "0")
local routes = tonumber(os.getenv("BENCH_ROUTES") or "0")

local made = {}

local function make_ranges()
  for first = 0, object_bytes - range_bytes, range_bytes do
    local range = string.format("bytes=%.0f-%.0f", first, first + range_bytes - 1)
    made[#made + 1] = wrk.format("GET", wrk.path, { ["Range"] = range })
  end
end

local function make_routes()
  for route = 0, routes - 1 do
    made[#made + 1] = wrk.format("GET", "/r" .. route .. wrk.path)
  end
end

-- Without a global `request`, wrk sends one prepared request over and over, which costs it least.
if range_bytes > 0 or routes > 0 then
  function init()
    if range_bytes > 0 then make_ranges() else make_routes() end
  end

  local at = 0
  function request()
    at = at % #made + 1
    return made[at]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%.0f,"durationUs":%.0f,"bytes":%.0f,"p50Us":%.0f,"p99Us":%.0f,"failed":%.0f}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
