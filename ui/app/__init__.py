"""What Streamlit runs, alone in a folder that Streamlit puts first on the import path."""
