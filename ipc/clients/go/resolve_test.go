package keybearer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const described = `{"provider":"openai","aliases":["gpt"],"main_field":"api_key",
	"fields":[{"field":"api_key","variables":["OPENAI_API_KEY"],"path_variables":[]}]}`

// planned are the exchanges of an AuthResolve that is answered with this one field.
func planned(provider string, params map[string]any, field string) []exchange {
	params["provider"] = provider
	return []exchange{
		{"provider.describe", map[string]any{"provider": provider}, result(strings.ReplaceAll(described, "\n", ""))},
		{"credential.resolve", params, result(`{"provider":"openai","fields":[` + field + `]}`)},
	}
}

func TestPlansThatNobodyCanFollow(t *testing.T) {
	for _, field := range []string{
		`{"field":"api_key","source":"environment","from":"OTHER"}`, // it was never told of that one
		`{"field":"api_key","source":"environment","from":""}`,
		`{"field":"api_key","source":"call","from":""}`,
		`{"field":"api_key","source":"call","from":"OPENAI_API_KEY"}`,
		`{"field":"api_key","source":"instance","from":"other"}`,
		`{"field":"api_key","source":"store","from":"default/default"}`,
	} {
		client := connected(t, Options{
			Socket: fakeBroker(t, planned("openai",
				map[string]any{"environment": []any{"OPENAI_API_KEY"}}, field)...),
			LookupEnv: environmentOf(map[string]string{"OPENAI_API_KEY": "sk", "OTHER": "canary"}),
		})
		_, err := client.AuthResolve("openai", nil)
		if refused := refusal(t, err, KindConnectionLost); !strings.Contains(refused.Message, "api_key") {
			t.Error(refused.Message)
		}
	}
}

func TestCredentialsOfTheClientByAnyName(t *testing.T) {
	for _, name := range []string{"gpt", "openai"} {
		client := connected(t, Options{
			Socket: fakeBroker(t, planned("gpt",
				map[string]any{"environment": []any{}, "instance": []any{"apiKey"}},
				`{"field":"api_key","source":"instance","from":"","secret":true}`)...),
			LookupEnv:   environmentOf(nil),
			Credentials: map[string]Fields{name: {"apiKey": NewSecret("mine")}},
		})
		resolution, err := client.AuthResolve("gpt", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, spelled := range []string{"apiKey", "api_key", "API-KEY"} {
			if field, found := resolution.Field(spelled); !found || field.Value.Reveal() != "mine" {
				t.Errorf("%s of %s is %+v", spelled, name, field)
			}
		}
		if _, found := resolution.Field("other"); found {
			t.Error("there is a field that was not answered")
		}
	}
}

func TestVariablesAreNamedOnce(t *testing.T) {
	variables := map[string]string{"A": "1", "B": "", "C": "3", "D": "4", "E": "5"}
	client := newTestClient(t, Options{LookupEnv: environmentOf(variables)})
	one := &description{}
	encoded := `{"fields":[{"variables":["A","B"],"path_variables":["C","A"],
		"configured_variables":["E","C"],"configured_path_variables":["D"]}]}`
	if err := json.Unmarshal([]byte(encoded), one); err != nil {
		t.Fatal(err)
	}
	if names := client.variablesSet(one, one); strings.Join(names, " ") != "A C E D" {
		t.Error(names)
	}
}

func TestNamedFiles(t *testing.T) {
	folder := privateFolder(t)
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("good", "line\nline\r\n\n", 0o600)
	write("longest", strings.Repeat("x", maxFile), 0o400)
	write("long", strings.Repeat("x", maxFile+1), 0o600)
	write("open", "canary", 0o640)
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ name, content, has string }{
		{"good", "line\nline", ""},
		{"longest", strings.Repeat("x", maxFile), ""},
		{"long", "", "longer than 64 KiB"},
		{"open", "", "chmod 600"},
		{"pipe", "", "not a regular file"},
		{".", "", "not a regular file"},
		{"canary", "", "no such file"}, // a key in the wrong variable
	} {
		content, problem := readNamedFile("VARIABLE", filepath.Join(folder, one.name))
		if one.has == "" {
			if problem != nil || content.Reveal() != one.content {
				t.Errorf("%s: %v", one.name, problem)
			}
			continue
		}
		if problem == nil || problem.Kind != KindInvalidValue || !strings.Contains(problem.Message, one.has) ||
			!strings.Contains(problem.Message, "VARIABLE") || strings.Contains(problem.Message, "canary") {
			t.Errorf("%s: %v", one.name, problem)
		}
	}
}
