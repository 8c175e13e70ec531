"""The app, without and within Streamlit."""
