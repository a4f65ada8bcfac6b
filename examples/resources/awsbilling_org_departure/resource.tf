resource "awsbilling_org_departure" "example" {
  organization_id      = "o-exampleorgid"   # left, and no other
  next_organization_id = "o-examplepartner" # its invitation must be open before
}
