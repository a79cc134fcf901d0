// Answers what Go's own libraries make of a question, for tests that hold ours against them. A JSON line in, a JSON line out.
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"github.com/tidwall/gjson"
)

type question struct {
	Ask       string `json:"ask"`
	Text      string `json:"text"`
	Path      string `json:"path"`
	Pattern   string `json:"pattern"`
	From      string `json:"from"`
	To        string `json:"to"`
	Separator string `json:"separator"`
}

// What is not set was not found, or could not be done.
type answer struct {
	Text    *string  `json:"text,omitempty"`
	Columns []string `json:"columns,omitempty"`
	Value   *bool    `json:"value,omitempty"`
	Place   []int    `json:"place,omitempty"`
	Error   string   `json:"error,omitempty"`
}

func failed(err error) answer { return answer{Error: err.Error()} }

func readPath(q question) answer {
	found := gjson.Get(q.Text, q.Path)
	if !found.Exists() {
		return answer{}
	}
	raw := found.Raw
	if raw == "" {
		raw = found.String()
	}
	return answer{Text: &raw}
}

func rewriteTime(q question) answer {
	moment, err := time.Parse(q.From, q.Text)
	if err != nil {
		return failed(err)
	}
	text := moment.Format(q.To)
	return answer{Text: &text}
}

// Bytes from the first one, as Go counts.
func search(q question) answer {
	expression, err := regexp.Compile(q.Pattern)
	if err != nil {
		return failed(err)
	}
	return answer{Place: expression.FindStringIndex(q.Text)}
}

func splitColumns(q question) answer {
	reader := csv.NewReader(strings.NewReader(q.Text))
	reader.Comma = []rune(q.Separator)[0]
	reader.FieldsPerRecord = -1
	columns, err := reader.Read()
	if err != nil {
		return failed(err)
	}
	return answer{Columns: columns}
}

func evaluate(q question, environment *cel.Env) answer {
	tree, issues := environment.Compile(q.Text)
	if issues.Err() != nil {
		return failed(issues.Err())
	}
	program, err := environment.Program(tree)
	if err != nil {
		return failed(err)
	}
	result, _, err := program.Eval(map[string]any{})
	if err != nil {
		return failed(err)
	}
	value, ok := result.Value().(bool)
	if !ok {
		return answer{Error: "not boolean"}
	}
	return answer{Value: &value}
}

func main() {
	environment, err := cel.NewEnv(ext.Strings())
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		var a answer
		switch q.Ask {
		case "path":
			a = readPath(q)
		case "time":
			a = rewriteTime(q)
		case "regex":
			a = search(q)
		case "csv":
			a = splitColumns(q)
		case "cel":
			a = evaluate(q, environment)
		default:
			panic(fmt.Sprintf("%q is no question", q.Ask))
		}
		line, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		out.Write(line)
		out.WriteByte('\n')
	}
}
