import {
  to = awsbilling_org_deletion.example
  identity = {
    organization_id = "o-exampleorgid"
  }
}
