module kata/lab/tools/argo

go 1.26.8

// The programs are built in a copy of this module, with the dependencies that its own go.mod and go.sum name.
require github.com/argoproj/argo-workflows/v3 v3.7.4
