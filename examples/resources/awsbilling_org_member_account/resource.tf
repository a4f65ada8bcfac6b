resource "awsbilling_org_member_account" "example" {
  name      = "example-sandbox"
  email     = "sandbox@example.com"
  parent_id = "ou-ab12-sandboxes"

  tags = {
    team = "example-billing"
  }
}
