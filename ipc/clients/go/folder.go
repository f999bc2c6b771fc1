package keybearer

import (
	"os"
	"path/filepath"
	"unicode/utf8"
)

// accountParameters say which account token.get is to take: the named one, else that of the directory, else that of the
// current folder. The broker compares paths that are absolute and without a symbolic link.
func accountParameters(account, directory string) (parameters, *Error) {
	params := parameters{}
	switch {
	case account != "" && directory != "":
		return nil, failure(KindInvalidValue, "name an account or a directory, not both")
	case account != "":
		params["account"] = account
	case directory != "":
		path, problem := realFolder(directory)
		if problem != nil {
			return nil, problem
		}
		params["directory"] = path
	default:
		// There may be none, as when it was deleted, or none that JSON can hold: the only account may still be meant.
		if path, err := currentFolder(); err == nil && utf8.ValidString(path) {
			params["directory"] = path
		}
	}
	return params, nil
}

// currentFolder is os.Getwd without the links that PWD may have.
func currentFolder() (string, error) {
	path, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

func realFolder(directory string) (string, *Error) {
	path, err := absolute(directory)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil || !isFolder(path) {
		return "", failure(KindInvalidValue, "%q is no folder", directory)
	}
	if !utf8.ValidString(path) {
		// The encoder would put U+FFFD in the place of other bytes, and another folder than the caller's be asked for.
		return "", failure(KindInvalidValue, "the path of the folder %q is not UTF-8", directory)
	}
	return path, nil
}

// absolute is filepath.Abs without its cleaning, which takes "link/.." for the folder that the link is in.
func absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	current, err := currentFolder()
	return current + "/" + path, err
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
