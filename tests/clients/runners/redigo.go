// Performs the table of docs/languages/conformance.tsv with redigo.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

var (
	account = os.Getenv("ACCOUNT")
	conn    redis.Conn
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// text returns the answer of a command, or nil for nil.
func text(command string, arguments ...any) *string {
	answer, err := redis.String(redis.DoWithTimeout(conn, time.Minute, command, arguments...))
	if errors.Is(err, redis.ErrNil) {
		return nil
	}
	return &[]string{must(answer, err)}[0]
}

func send(account, field, job string) *string {
	return text("XADD", "antre:{"+account+"}:inbox", "NOMKSTREAM", "*", field, job)
}

func wait(id string, seconds int) map[string]any {
	key := "antre:{" + account + "}:result:" + id
	found := text("BLMOVE", key, key, "LEFT", "LEFT", seconds)
	if found == nil {
		return nil
	}
	return decode(*found).(map[string]any)
}

// decode keeps numbers as they are written: a float64 would not hold every amount.
func decode(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		log.Fatal(err)
	}
	return value
}

func command(field, order string) map[string]any {
	id := send(account, field, order)
	for {
		answer := wait(*id, 30)
		// A retry has nothing to resolve.
		if left := answer["resolving"]; left == nil || left == json.Number("0") {
			return answer
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func ended(wanted []string) []any {
	stream := "antre:{" + account + "}:ended"
	must(conn.Do("XGROUP", "CREATE", stream, "conformance", "0"))
	found := map[string]any{}
	for {
		ends := []any{}
		for _, job := range wanted {
			if end, is := found[job]; is {
				ends = append(ends, end)
			}
		}
		if len(ends) == len(wanted) {
			return ends
		}
		streams := must(redis.Values(redis.DoWithTimeout(conn, time.Minute,
			"XREADGROUP", "GROUP", "conformance", "runner", "BLOCK", 30000, "STREAMS", stream, ">")))
		entries := must(redis.Values(must(redis.Values(streams[0], nil))[1], nil))
		for _, entry := range entries {
			parts := must(redis.Values(entry, nil))
			fields := must(redis.StringMap(parts[1], nil))
			found[fields["job"]] = decoded(fields)
			must(conn.Do("XACK", stream, "conformance", parts[0]))
		}
	}
}

func decoded(fields map[string]string) map[string]any {
	end := map[string]any{}
	for name, value := range fields {
		switch {
		case name == "is_bill_result":
			end[name] = value == "1"
		case name == "error" || name == "warnings":
			end[name] = decode(value)
		case value == "":
			end[name] = nil
		default:
			end[name] = value
		}
	}
	return end
}

func main() {
	conn = must(redis.DialURL(os.Getenv("REDIS_URL")))
	table := bufio.NewScanner(must(os.Open(os.Args[1])))
	table.Scan()
	ids := map[string]string{}
	for table.Scan() {
		cells := strings.Split(table.Text(), "\t")
		call, of, name, argument := cells[1], cells[2], cells[3], cells[4]
		for known, id := range ids {
			argument = strings.ReplaceAll(argument, "<"+known+">", id)
		}
		words := strings.Fields(argument)
		var answer any
		switch call {
		case "enqueue":
			if of == "A" {
				of = account
			}
			id := send(of, "job", argument)
			if id != nil {
				ids[name] = *id
			}
			answer = id
		case "cancel", "retry":
			answer = command(call, argument)
		case "wait":
			answer = wait(words[0], must(strconv.Atoi(words[1])))
		case "ended":
			answer = ended(words)
		default: // given: who starts this has done it
			continue
		}
		fmt.Printf("%s\t%s\n", name, must(json.Marshal(answer)))
	}
	if err := table.Err(); err != nil {
		log.Fatal(err)
	}
}
