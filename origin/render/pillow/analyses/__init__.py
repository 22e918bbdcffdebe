"""What can be told of a picture's pixels and of its file, one kind of answer a module (upload-api.md §3.2)."""
