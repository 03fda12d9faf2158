# Performs the table of docs/languages/conformance.tsv with redis-rb.
require "json"
require "redis"

ACCOUNT = ENV.fetch("ACCOUNT")
REDIS = Redis.new(url: ENV.fetch("REDIS_URL"))
$stdout.set_encoding("UTF-8")

def write(account, field, text)
  REDIS.call("XADD", "antre:{#{account}}:inbox", "NOMKSTREAM", "*", field, text)
end

def wait(id, seconds)
  key = "antre:{#{ACCOUNT}}:result:#{id}"
  text = REDIS.blmove(key, key, "LEFT", "LEFT", timeout: Integer(seconds))
  text && JSON.parse(text)
end

def command(field, text)
  id = write(ACCOUNT, field, text)
  loop do
    answer = wait(id, 30)
    return answer unless answer["resolving"].to_i.positive?

    sleep 0.1
  end
end

def ended(wanted)
  stream = "antre:{#{ACCOUNT}}:ended"
  found = {}
  REDIS.xgroup(:create, stream, "conformance", "0")
  until (wanted - found.keys).empty?
    entries = REDIS.xreadgroup("conformance", "runner", stream, ">", block: 30_000).fetch(stream, [])
    entries.each do |entry, fields|
      finished = fields.transform_values { |value| value.empty? ? nil : value }
      %w[error warnings].each { |name| finished[name] = JSON.parse(fields[name]) }
      finished["is_bill_result"] = fields["is_bill_result"] == "1"
      found[fields["job"]] = finished
      REDIS.xack(stream, "conformance", entry)
    end
  end
  found.values_at(*wanted)
end

ids = {}
File.readlines(ARGV.fetch(0), encoding: "UTF-8", chomp: true).drop(1).each do |line|
  _, call, account, name, argument, = line.split("\t", -1)
  ids.each { |known, id| argument = argument.gsub("<#{known}>", id) }
  case call
  when "enqueue"
    answer = write(account == "A" ? ACCOUNT : account, "job", argument)
    ids[name] = answer.to_s
  when "cancel", "retry" then answer = command(call, argument)
  when "wait" then answer = wait(*argument.split)
  when "ended" then answer = ended(argument.split)
  else next # `given`: who starts this has done it
  end
  puts "#{name}\t#{JSON.generate(answer)}"
end
