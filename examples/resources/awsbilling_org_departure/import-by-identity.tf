import {
  to = awsbilling_org_departure.example
  identity = {
    organization_id = "o-exampleorgid"
  }
}
