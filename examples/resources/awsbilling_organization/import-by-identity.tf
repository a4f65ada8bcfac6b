import {
  to = awsbilling_organization.example
  identity = {
    id = "o-exampleorgid"
  }
}
