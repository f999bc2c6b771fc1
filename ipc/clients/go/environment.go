package keybearer

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// The longest file that a variable may name, in bytes.
const maxFile = 64 << 10

// description is the part of provider.describe that the client needs.
type description struct {
	Provider  string
	Aliases   []string
	MainField string `json:"main_field"`
	Fields    []struct {
		Variables               []string
		PathVariables           []string `json:"path_variables"`
		ConfiguredVariables     []string `json:"configured_variables"` // that config.toml names
		ConfiguredPathVariables []string `json:"configured_path_variables"`
	}
}

func (c *Client) describe(provider string) (*description, error) {
	described := &description{}
	if err := c.callInto("provider.describe", parameters{"provider": provider}, described); err != nil {
		return nil, err
	}
	return described, nil
}

// variablesSet gives the names of those that are set: they go to the broker, the values stay here.
func (c *Client) variablesSet(described ...*description) []string {
	set := []string{}
	known := map[string]bool{} // providers share variables, and the broker takes 64 names
	for _, provider := range described {
		for _, field := range provider.Fields {
			for _, names := range [][]string{
				field.Variables, field.PathVariables, field.ConfiguredVariables, field.ConfiguredPathVariables,
			} {
				for _, name := range names {
					if value, _ := c.lookupEnv(name); value != "" && !known[name] {
						known[name] = true
						set = append(set, name)
					}
				}
			}
		}
	}
	return set
}

// clientKey gives the client key of this process, from a variable or from the file that one names; an empty one when
// neither is set.
func clientKey(lookupEnv func(string) (string, bool)) (Secret, *Error) {
	if key, _ := lookupEnv("KEYBEARER_CLIENT_KEY"); key != "" {
		return NewSecret(key), nil
	}
	const variable = "KEYBEARER_CLIENT_KEY_FILE"
	path, _ := lookupEnv(variable)
	if path == "" {
		return Secret{}, nil
	}
	return readNamedFile(variable, path)
}

// readNamedFile reads the file that a variable names, without the line feeds at its end. Its errors do not name the
// file: who puts a key into the wrong variable would find it in a log.
func readNamedFile(variable, path string) (Secret, *Error) {
	unreadable := func(why string) (Secret, *Error) {
		return Secret{}, failure(KindInvalidValue, "the file that %s names %s", variable, why)
	}
	cannotBeRead := func(err error) (Secret, *Error) {
		var named *fs.PathError
		if errors.As(err, &named) {
			err = named.Err
		}
		return unreadable("cannot be read: " + err.Error())
	}
	// Not blocking: a pipe would keep the caller waiting before it can be refused.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return cannotBeRead(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return cannotBeRead(err)
	}
	if !info.Mode().IsRegular() {
		return unreadable("is not a regular file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return unreadable("is open to other users; run chmod 600 on it")
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return cannotBeRead(err)
	}
	if len(content) > maxFile {
		return unreadable("is longer than 64 KiB")
	}
	return NewSecret(strings.TrimRight(string(content), "\r\n")), nil
}
